/** A fenced block of a Markdown file. */
export interface CodeBlock {
  /** What stands behind the opening fence: `ts`, `sh`, `console`. */
  readonly language: string;
  /** What is inside, with a line break at the end. */
  readonly text: string;
}

/** The fenced blocks of a Markdown text, in order. */
export function codeBlocks(markdown: string): readonly CodeBlock[] {
  return [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, text]) => ({
    language: language!,
    text: text!,
  }));
}
