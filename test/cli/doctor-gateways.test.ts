import { expect, it, onTestFinished } from 'vitest';
import { gatewayFindings } from '../../src/cli/doctor-gateways.ts';
import { decodeMt5Venue, mt5Defaults } from '../../src/config/mt5-venue.ts';
import { createMt5Simulator, type Mt5SimulatorOptions } from '../../src/mt5-sim/simulator.ts';

const venueAt = (gatewayUrl: string, apiKey = '') =>
  decodeMt5Venue({ ...mt5Defaults('exness', {}), type: 'mt5', gatewayUrl, apiKey }, 'exness', () => {});

async function simulatorAt(options: Mt5SimulatorOptions = {}) {
  const simulator = await createMt5Simulator({ feed: 'manual', ...options });
  onTestFinished(() => simulator.close());
  return { simulator, url: `http://127.0.0.1:${await simulator.listen(0)}` };
}

it('asks each MT5 gateway of the configuration whether it is ready, and says why it is not', async () => {
  const { simulator, url } = await simulatorAt({ apiKey: 'secret' });
  const look = async (venue = venueAt(url, 'secret')) => (await gatewayFindings([venue]))[0];
  expect(await look()).toEqual({ check: 'MT5 exness', verdict: 'ok', figure: `${url} is ready` });
  expect(await look(venueAt(url))).toMatchObject({
    verdict: 'fail',
    figure: `${url} refuses the key`,
    mend: 'qkt config check',
  });
  simulator.faults.turnOn({ name: 'mt5-down' });
  expect(await look()).toMatchObject({
    verdict: 'fail',
    figure: `${url} is not ready: MT5 terminal is not connected`,
    mend: `curl -s ${url}/health/ready`,
  });
  simulator.faults.turnOff();
  simulator.faults.turnOn({ name: 'kill-switch' });
  expect(await look()).toMatchObject({ verdict: 'warn', figure: `${url}: the kill switch is on` });
  await simulator.close();
  expect(await look()).toMatchObject({ verdict: 'fail', figure: expect.stringContaining('does not answer') as string });
});

it('neither sends nor shows a name and password of the address, as the daemon does', async () => {
  const { url } = await simulatorAt();
  const venue = venueAt(url.replace('//', '//joe:s3cret@'));
  expect(await gatewayFindings([venue])).toEqual([{ check: 'MT5 exness', verdict: 'ok', figure: `${url} is ready` }]);
});

it('asks no venue on paper', async () => {
  expect(await gatewayFindings([])).toEqual([]);
});
