/** The dashboard's entry: who sits here, then the stream, then the page. */
import { render } from 'preact';
import { Page } from './page.tsx';
import { followAddress } from './state/route.ts';
import { enter } from './state/session.ts';
import { now } from './state/store.ts';
import { follow } from './state/stream.ts';
import { followTheme } from './state/theme.ts';

followTheme();
await enter();
followAddress();
follow();
setInterval(() => (now.value = Date.now()), 1000);
render(<Page />, document.querySelector('#page')!);
