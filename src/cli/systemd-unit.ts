/** A systemd unit for the daemon of this installation. */

export interface UnitOptions {
  readonly node: string;
  readonly program: string;
  readonly user: string;
  /** Of its own choice; else systemd keeps one at its usual place. */
  readonly stateDir?: string;
  readonly config?: string;
}

/** The text of the unit file. What it locks away and why is in `docs/operating.md`. */
export function systemdUnit({ node, program, user, stateDir, config }: UnitOptions): string {
  const state = stateDir === undefined ? '%S/qkt' : quoted(stateDir);
  const configured = config === undefined ? '' : ` --config ${quoted(config)}`;
  return `[Unit]
Description=qkt, a daemon for live trading strategies
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=300
StartLimitBurst=5

[Service]
Type=notify
# systemd-notify speaks for the daemon.
NotifyAccess=all
User=${user}
ExecStart=${quoted(node)} ${quoted(program)} daemon start --state-dir ${state}${configured}
ExecReload=/bin/kill -HUP $MAINPID
WatchdogSec=30
TimeoutStartSec=120
TimeoutStopSec=30
KillMode=mixed
Restart=on-failure
RestartSec=2
# Wrong usage or configuration: another try would end the same way.
RestartPreventExitStatus=2
LimitNOFILE=65536
UMask=0077
${stateDir === undefined ? 'StateDirectory=qkt\nStateDirectoryMode=0700' : `ReadWritePaths=${quoted(stateDir)}`}

NoNewPrivileges=yes
CapabilityBoundingSet=
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=read-only
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
`;
}

/** As one word, whatever is in it: systemd reads C escapes in quotes, `%` and `$` have meanings of their own. */
function quoted(path: string): string {
  const plain = path.replaceAll('%', '%%').replaceAll('$', () => '$$');
  return /^[\w@%+=:,./$-]+$/.test(plain) ? plain : JSON.stringify(plain);
}
