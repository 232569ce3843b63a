/** What a user of `npm start`, which takes no port, can do when the control port is taken; undefined for any other error. */
export function portTaken(error) {
  if (error?.code !== 'QKT_E_PORT_BUSY') return undefined;
  return (
    'Stop what holds the port (a qkt daemon: node bin/qkt.js daemon stop --state-dir <its directory>), or write ' +
    'another into qkt.config.yaml here or into the file that QKT_CONFIG names: http: { controlPort: 0 } takes any free one.'
  );
}
