/** Options of the verbs that host strategies themselves: `run` and `daemon start`. */
import { InvalidArgumentError, type Command } from 'commander';
import { parsePortRange } from '../config/port-range.ts';
import type { RawConfig } from '../config/schema.ts';
import { collect, oneOf, wholeNumber, type CommonOptions } from './options.ts';

export interface HostOptions extends CommonOptions {
  readonly config?: string;
  readonly portPool?: string;
  readonly controlPort?: number;
  readonly allowedHost?: string[];
  readonly expose?: boolean;
  readonly isolation?: 'worker' | 'inline';
}

export function withHostOptions(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file (default: $QKT_CONFIG, ./qkt.config.yaml)')
    .option('--port-pool <from-to>', 'ports for strategies, such as 47000-47100', portPool)
    .option('--control-port <port>', 'port of the control plane; 0 takes any free one', wholeNumber(0, 65_535))
    .option('--allowed-host <name>', 'a further Host that requests may name; may be given more than once', collect)
    .option('--expose', 'allow an http.bind that other machines reach; reading then needs a token too')
    .option('--isolation <where>', "where strategies' code runs: worker or inline", oneOf('worker', 'inline'));
}

function portPool(text: string): string {
  if (parsePortRange(text) === undefined)
    throw new InvalidArgumentError('It must be a range from 1 to 65535 such as 47000-47100.');
  return text;
}

/** What the flags say, in the shape of the configuration file. */
export function flagsOf({ portPool: pool, controlPort, allowedHost }: HostOptions): RawConfig {
  return {
    http: {
      ...(pool === undefined ? {} : { portPool: pool }),
      ...(controlPort === undefined ? {} : { controlPort }),
      ...(allowedHost === undefined ? {} : { allowedHosts: allowedHost }),
    },
  };
}
