import type { Command } from '@commander-js/extra-typings';
import { benchCommand } from './bench-command.ts';
import { dataCommand } from './data-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { evaluateCommand } from './evaluate-command.ts';
import { exportCommand } from './export-command.ts';
import { featuresCommand } from './features-command.ts';
import { inpaintCommand } from './inpaint-command.ts';
import { interpolateCommand } from './interpolate-command.ts';
import { invertCommand } from './invert-command.ts';
import { reproduceCommand } from './reproduce-command.ts';
import { sampleCommand } from './sample-command.ts';
import { trainCommand } from './train-command.ts';

/** Every command of the program, in the order of its help. */
export function commands(): readonly Command[] {
  return [
    trainCommand(),
    sampleCommand(),
    interpolateCommand(),
    invertCommand(),
    inpaintCommand(),
    featuresCommand(),
    evaluateCommand(),
    reproduceCommand(),
    exportCommand(),
    dataCommand(),
    doctorCommand(),
    benchCommand(),
  ];
}
