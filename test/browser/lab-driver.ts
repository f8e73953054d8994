import type { Locator, Page } from 'playwright-core';

/** The lab's page as a visitor's hands and eyes have it. */
export interface LabDriver {
  readonly page: Page;
  id(testId: string): Locator;
  /** The plain number that an element holds. */
  number(testId: string): Promise<number>;
  /** Waits until the game is ready and its numbers are measured. */
  ready(): Promise<void>;
  /** Waits until the URL's fragment has this pair. */
  fragmentHas(key: string, value: string): Promise<void>;
  /** The value of a key of the URL's fragment. */
  fragment(key: string): string | null;
  /** One step, and its frame. */
  step(): Promise<number>;
  /** Waits for something that the page shows; frames come in their own time. */
  until(what: string, holds: () => Promise<boolean>): Promise<void>;
}

/** For how long a page may take to show something, on a busy machine. */
const PATIENCE_MS = 45_000;

/** Drives a page that shows the lab. */
export function labDriver(page: Page): LabDriver {
  const id = (testId: string): Locator => page.getByTestId(testId);
  const number = async (testId: string): Promise<number> => Number(await id(testId).textContent());
  const fragment = (key: string): string | null =>
    new URLSearchParams(new URL(page.url()).hash.slice(1)).get(key);

  async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!(await holds())) {
      if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
      await page.waitForTimeout(30);
    }
  }

  return {
    page,
    id,
    number,
    fragment,
    until,
    async ready() {
      await until('play can be pressed', () => id('play').isEnabled());
      await until(
        'the picture is of this game',
        async () => (await page.locator('.picture[aria-busy="false"]').count()) > 0,
      );
      await until('numbers are measured', async () =>
        Number.isFinite(Number((await id('value').textContent()) || 'nothing')),
      );
    },
    async fragmentHas(key, value) {
      await until(`the fragment has ${key}=${value}`, async () => fragment(key) === value);
    },
    async step() {
      const before = await number('steps');
      await id('step').click();
      await until('a step is made', async () => (await number('steps')) === before + 1);
      return before + 1;
    },
  };
}
