/** A part of the page with a heading. */
import type { ComponentChildren, VNode } from 'preact';

interface PanelProps {
  readonly title: string;
  readonly class?: string;
  /** Beside the heading. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Panel({ title, class: extra = '', aside, children }: PanelProps): VNode {
  const id = `panel-${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
  return (
    <section class={`panel ${extra}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** Beside the heading of a list of moments. */
export const InUtc = (): VNode => <span class="faint">times in UTC</span>;
