import type { JSX } from 'preact';
import type { LabPage } from '../lab-page.ts';
import type { StoryName } from '../page-options.ts';

/** What a task remembers from frame to frame, until it is answered. */
export type Memory = Record<string, number>;

/** A number as the answers print it, to three places: what a task asks for is compared so, and 0.150 is never "below 0.15". */
export const asPrinted = (value: number): number => Number(value.toFixed(3));

/** Something to try. */
export interface Task {
  readonly ask: string;
  /** The answer in a sentence, once what the reader tried has shown it; asked again whenever a signal that it read has changed. */
  readonly answer: (page: LabPage, memory: Memory) => string | undefined;
  /** How far it is. */
  readonly Progress?: () => JSX.Element | null;
}

/** A text beside the running picture that ends in a question. */
export interface Story {
  readonly name: StoryName;
  readonly title: string;
  /** What the reader will know, in a few words. */
  readonly promise: string;
  readonly text: () => JSX.Element;
  /** The last one is the question. */
  readonly tasks: readonly Task[];
  /** Sets the lab for it. */
  readonly open: (page: LabPage) => void;
}
