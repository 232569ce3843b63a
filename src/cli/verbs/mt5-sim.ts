/** `qkt mt5-sim`: the MT5 gateway simulator in the foreground. */
import { Option, type Command } from 'commander';
import { ACCOUNT_MODES, GATEWAY_VERSIONS, PROFILE_NAMES } from '../../mt5-sim/choices.ts';
import { hostMt5Simulator, type Mt5SimOptions } from '../mt5-sim.ts';
import { faultFlag, feedFlag, moneyFlag, symbolsFlag } from '../mt5-sim-options.ts';
import { withCommonOptions, wholeNumber } from '../options.ts';

const LAST_PORT = 65_535;

export function define(command: Command): void {
  withCommonOptions(command)
    .option(
      '--port <port>',
      'to listen on, on this machine only; 0 takes any free one',
      wholeNumber(0, LAST_PORT),
      5001,
    )
    .addOption(
      new Option('--profile <broker>', 'its names of symbols and its clock').choices(PROFILE_NAMES).default('exness'),
    )
    .addOption(new Option('--account <mode>', 'what opposite orders do').choices(ACCOUNT_MODES).default('hedging'))
    .option('--balance <amount>', 'what the account begins with', moneyFlag, '10000')
    .option('--currency <code>', 'of the account', 'USD')
    .option('--login <number>', 'of the account', wholeNumber(1, Number.MAX_SAFE_INTEGER), 4_410_021)
    .option('--server <name>', 'of the broker', 'Demo-Server1')
    .option('--commission <amount>', 'for a lot and deal', moneyFlag, '0')
    .option('--stop-out <percent>', 'margin level at which the broker closes positions', moneyFlag, '0')
    .option('--symbols <names>', 'under our names, with commas between', symbolsFlag)
    .option('--whitelist <names>', 'orders for other symbols are refused', symbolsFlag)
    .option('--feed <feed>', 'synthetic, manual, or replay:<file>', feedFlag, 'synthetic')
    .option('--seed <number>', 'of the synthetic feed', wholeNumber(0, Number.MAX_SAFE_INTEGER), 1)
    .addOption(
      new Option('--gateway-version <version>', 'which gateway it is').choices(GATEWAY_VERSIONS).default('0.3.12'),
    )
    .option('--fault <name[=value]>', 'a fault that is on from the start; may be given more than once', faultFlag, [])
    .option('--state <file>', 'keeps the account, so that it is still there after the end')
    .action((options: Mt5SimOptions) => hostMt5Simulator(options));
}
