/** `qkt drill <fault>`: a fault against a paper twin, and how long it took to be seen, contained and over. */
import { Argument, type Command } from 'commander';
import { showDrills, type DrillOptions } from '../drills.ts';
import { withCommonOptions, wholeNumber } from '../options.ts';
import { FAULTS } from '../../drills/types.ts';

export function define(command: Command): void {
  withCommonOptions(command)
    .addArgument(new Argument('[fault]', 'what to do to the twin').choices(FAULTS))
    .option('--all', 'every fault')
    .option('--seed <number>', "of the twin's market (default: 1)", wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .action((fault: (typeof FAULTS)[number] | undefined, options: DrillOptions) => showDrills(fault, options));
}
