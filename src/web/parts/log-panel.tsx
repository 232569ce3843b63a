/** The tail of the log as it is written. It stays at its end unless one has scrolled up. */
import { useEffect, useRef } from 'preact/hooks';
import type { VNode } from 'preact';
import { log } from '../state/store.ts';
import { Panel } from './panel.tsx';

const NEAR_PX = 40;

export function LogPanel(): VNode {
  const host = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);
  const lines = log.value;
  useEffect(() => {
    const element = host.current;
    if (element !== null && isAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [lines]);
  const look = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = host.current!;
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
  };
  return (
    <Panel title="Log" class="wide">
      <pre class="log" ref={host} tabIndex={0} aria-label="Log, newest last" onScroll={look}>
        {lines.length === 0 ? 'No line yet.' : lines.join('\n')}
      </pre>
    </Panel>
  );
}
