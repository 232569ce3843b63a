/** A client that speaks to a simulator over a real socket, both under one virtual clock. */
import { onTestFinished } from 'vitest';
import type { Mt5SimulatorOptions } from '../../src/mt5-sim/simulator.ts';
import { openGatewayClient, type GatewayClient } from '../../src/venues/mt5/client.ts';
import { simulator, type Sim } from '../mt5-sim/support.ts';

export const MAGIC = 10_001;

export interface Pair {
  readonly sim: Sim;
  readonly client: GatewayClient;
}

export async function clientAndSimulator(options: Mt5SimulatorOptions = {}): Promise<Pair> {
  const sim = await simulator(options);
  const client = await openGatewayClient({
    clock: sim.clock,
    url: sim.url,
    magic: MAGIC,
    deviation: 20,
    serverClock: options.serverClock ?? 'utc',
    ...(options.apiKey !== undefined && { apiKey: options.apiKey }),
  });
  onTestFinished(() => client.dispose());
  return { sim, client };
}
