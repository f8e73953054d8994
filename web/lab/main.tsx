import { render } from 'preact';
import { Lab } from './lab.tsx';
import { LabContext, labPage } from './lab-page.ts';
import { keepForOffline } from './offline.ts';

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'lab' });
const page = labPage(worker);

render(
  <LabContext.Provider value={page}>
    <Lab />
  </LabContext.Provider>,
  document.body,
);
keepForOffline();
