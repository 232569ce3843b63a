/** The frame: what the daemon says of itself, where one can go, and the view that is chosen. */
import type { VNode } from 'preact';
import { standingOf, type Alert } from './acts/alerts.tsx';
import { Badge } from './parts/badges.tsx';
import { LinkBanner } from './parts/link-banner.tsx';
import { usePolled } from './state/polled.ts';
import { chosenName, view } from './state/route.ts';
import { session } from './state/session.ts';
import { daemon, link, names } from './state/store.ts';
import { theme, toggleTheme } from './state/theme.ts';
import { duration, plural } from './state/words.ts';
import { AlertsView } from './views/alerts.tsx';
import { FleetView } from './views/fleet.tsx';
import { GatewaysView } from './views/gateways.tsx';
import { StrategyView } from './views/strategy.tsx';

const PLACES = [
  ['fleet', '#/', 'Fleet'],
  ['alerts', '#/alerts', 'Alerts'],
  ['gateways', '#/gateways', 'Gateways'],
] as const;

export function Page(): VNode {
  return (
    <div class="page" data-link={link.value.state}>
      <a class="skip" href="#main" onClick={focusMain}>
        To the content
      </a>
      <header class="top">
        <a class="brand" href="#/">
          qkt
        </a>
        <DaemonState />
        <nav aria-label="Views">
          {PLACES.map(([key, address, title]) => (
            <a key={key} href={address} {...(view.value === key && { 'aria-current': 'page' as const })}>
              {title}
              {key === 'alerts' && <FiringCount />}
            </a>
          ))}
        </nav>
        <span class="access">
          {session.value === null ? (
            'looking only'
          ) : (
            <span>
              <span class="at-1000">{session.value.name}: </span>
              {session.value.scope}
            </span>
          )}
        </span>
        <button
          class="quiet"
          onClick={toggleTheme}
          aria-label={`Use the ${theme.value === 'dark' ? 'light' : 'dark'} theme`}
        >
          {theme.value === 'dark' ? 'Light' : 'Dark'}
        </button>
      </header>
      <LinkBanner />
      <main id="main" tabIndex={-1}>
        <h1 class="unseen">{chosenName.value ?? view.value}</h1>
        <View />
      </main>
    </div>
  );
}

/** The fragment is the page's own address, so the skip link moves the focus by itself. */
function focusMain(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#main')?.focus();
}

/** How many alerts fire, those apart that another one speaks for: seen from every view. */
function FiringCount(): VNode | null {
  const [alerts] = usePolled<readonly Alert[]>('/daemon/alerts', 'alert');
  if (alerts.is !== 'answer') return null;
  const firing = alerts.value.filter((alert) => standingOf(alert) === 'firing').length;
  if (firing === 0) return null;
  return (
    <>
      <span class="unseen">, {firing} firing</span>
      <span class="badge bad firing" aria-hidden="true">
        {firing}
      </span>
    </>
  );
}

function View(): VNode {
  switch (view.value) {
    case 'strategy':
      return <StrategyView name={chosenName.value!} key={chosenName.value} />;
    case 'alerts':
      return <AlertsView />;
    case 'gateways':
      return <GatewaysView />;
    default:
      return <FleetView />;
  }
}

function DaemonState(): VNode {
  const { value: health } = daemon;
  const { state } = link.value;
  if (state === 'lost' || state === 'refused')
    return <Badge text={state === 'lost' ? 'daemon lost' : 'token needed'} tone="bad" />;
  if (health === null) return <Badge text="connecting" />;
  const total = names.value?.length ?? 0;
  const { trading = 0, halted = 0 } = health.strategies;
  return (
    <span class="daemon">
      <Badge text={health.ok ? health.status : 'unhealthy'} />
      <span class="faint">
        <span class="at-1000">
          {plural(total, 'strategy')}, {trading} trading,{' '}
        </span>
        {halted} halted
        <span class="at-1200">
          {' '}
          · up {duration(health.uptimeMs)} · {health.version}
        </span>
        {health.broken !== undefined && <span class="at-1000"> · broken: {health.broken.join(', ')}</span>}
      </span>
    </span>
  );
}
