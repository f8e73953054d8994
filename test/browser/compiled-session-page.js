// What session-page.ts does from source, from the compiled package (npm run build).
import { openWebSession } from '../../dist/runtime/web-session.js';
import { exposeTraining } from './train-in-page.ts';

exposeTraining(openWebSession);
