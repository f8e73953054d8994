import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useLab } from './lab-page.ts';
import { stories } from './stories/stories.ts';
import { StoryTasks } from './story-tasks.tsx';

/** The text beside the picture: one of the stories, or what the lab is and the list of them. */
export function StoryPanel(): JSX.Element {
  const page = useLab();
  const { options, problems, session } = page;
  const open = stories.find(({ name }) => name === options.value.story);
  const refusal = session.refusal.value;
  return (
    <section class="story" aria-label="Story">
      {refusal ? (
        <p class="warning" role="alert">
          {refusal}
        </p>
      ) : undefined}
      {problems.value.length > 0 ? (
        <div class="warning" role="alert">
          <p>Not all of the link could be understood; what could not is as usual.</p>
          <ul>
            {problems.value.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </div>
      ) : undefined}
      {open ? <OpenStory key={open.name} name={open.name} /> : <Welcome />}
    </section>
  );
}

/** Where a visitor without a story begins. */
function Welcome(): JSX.Element {
  return (
    <>
      <h2>Two networks, one game</h2>
      <p>
        A <b class="model">generator</b> G turns noise into points. A{' '}
        <b class="discriminator">discriminator</b> D says of each place how likely a point there is{' '}
        <b class="real">real</b>. D learns to tell them apart, G learns to make that impossible. Press{' '}
        <b>Play</b>.
      </p>
      <p>Or begin with a story. Each takes three minutes and ends in a question that you answer by trying.</p>
      <StoryList />
    </>
  );
}

function StoryList(): JSX.Element {
  const page = useLab();
  return (
    <ol class="stories">
      {stories.map((story) => (
        <li key={story.name}>
          <button type="button" data-testid={`story-${story.name}`} onClick={() => story.open(page)}>
            <b>{story.title}</b>
            <span>{story.promise}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

function OpenStory({ name }: { readonly name: string }): JSX.Element {
  const page = useLab();
  const at = stories.findIndex((story) => story.name === name);
  const story = stories[at]!;
  const next = stories[at + 1];
  useEffect(() => {
    document.querySelector<HTMLElement>('#story-title')?.focus({ preventScroll: true });
  }, []);
  const Text = story.text;
  return (
    <article>
      <nav class="where" aria-label="Stories">
        <button
          type="button"
          class="quiet"
          data-testid="all-stories"
          onClick={() => page.openStory(undefined)}
        >
          ← All stories
        </button>
        <span>
          {at + 1} of {stories.length}
        </span>
      </nav>
      <h2 id="story-title" tabIndex={-1}>
        {story.title}
      </h2>
      <Text />
      <StoryTasks story={story} />
      {next ? (
        <button type="button" class="next" data-testid="next-story" onClick={() => next.open(page)}>
          Next: {next.title} →
        </button>
      ) : (
        <button type="button" class="next" onClick={() => page.openStory(undefined)}>
          Back to the stories
        </button>
      )}
    </article>
  );
}
