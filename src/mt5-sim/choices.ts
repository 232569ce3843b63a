/** What can be chosen on the command line, without loading the simulator. */
export { PROFILE_NAMES } from '../venues/mt5-profiles.ts';

/** Each knows what those before it know. */
export const GATEWAY_VERSIONS = ['0.3.12', '0.3.15', '0.3.17'] as const;
export type GatewayVersion = (typeof GATEWAY_VERSIONS)[number];

export const ACCOUNT_MODES = ['hedging', 'netting'] as const;
