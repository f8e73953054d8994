import { useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { useLab } from './lab-page.ts';
import type { Memory, Story } from './stories/story.ts';

/** What the reader is asked to try; each task tells when the running game has answered it. */
export function StoryTasks({ story }: { readonly story: Story }): JSX.Element {
  const page = useLab();
  const answers = useSignal<readonly string[]>([]);
  const memory = useRef<Memory>({});

  useSignalEffect(() => {
    const done = answers.value.length;
    const task = story.tasks[done];
    if (!task || (story.name !== 'circles' && page.session.stale.value)) return;
    const answer = task.answer(page, memory.current);
    if (answer === undefined) return;
    memory.current = {};
    answers.value = [...answers.value, answer];
    page.announce(`Answered: ${answer}`);
  });

  const done = answers.value.length;
  return (
    <ol class="tasks" data-testid="tasks" data-done={done}>
      {story.tasks.slice(0, done + 1).map((task, i) => (
        <li key={task.ask} class={i < done ? 'task done' : 'task'}>
          <p class="ask">
            <b>{i === story.tasks.length - 1 ? 'The question. ' : 'Try: '}</b>
            {task.ask.charAt(0).toUpperCase() + task.ask.slice(1)}
          </p>
          {i < done ? <p class="answer">{answers.value[i]}</p> : undefined}
          {i === done && task.Progress ? <task.Progress /> : undefined}
        </li>
      ))}
    </ol>
  );
}
