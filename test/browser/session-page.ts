import { openWebSession } from '../../src/runtime/web-session.ts';
import { exposeTraining } from './train-in-page.ts';

exposeTraining(openWebSession);
