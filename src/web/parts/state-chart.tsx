/** A machine's picture as it was generated from its definition, with the states that are active lit. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { VNode } from 'preact';

interface ChartProps {
  /** Address of the picture. */
  readonly picture: string;
  readonly label: string;
  /** Dotted paths, outer ones first. */
  readonly active: readonly string[];
}

export function StateChart({ picture, label, active }: ChartProps): VNode {
  const host = useRef<HTMLDivElement>(null);
  const [drawing, setDrawing] = useState<SVGSVGElement | null>(null);
  const [isWhole, setWhole] = useState(false);
  useEffect(() => {
    let isCurrent = true;
    void load(picture).then((svg) => {
      if (!isCurrent || svg === undefined) return;
      host.current!.replaceChildren(svg);
      setDrawing(svg);
    });
    return () => {
      isCurrent = false;
    };
  }, [picture]);
  useEffect(() => {
    if (drawing === null) return;
    drawing.setAttribute('aria-label', label);
    for (const state of drawing.querySelectorAll('.state')) {
      const path = state.id.replace('state-', '');
      state.classList.toggle('active', active.includes(path));
      state.classList.toggle(
        'outer',
        active.some((one) => one.startsWith(`${path}.`)),
      );
    }
    if (!isWhole) centre(host.current!, drawing.querySelector('.active:not(.outer)'));
  }, [drawing, active.join(), label, isWhole]);
  return (
    <>
      <button class="quiet" aria-pressed={isWhole} onClick={() => setWhole(!isWhole)}>
        Whole chart
      </button>
      <div
        class={`chart ${isWhole ? 'whole' : ''}`}
        ref={host}
        tabIndex={0}
        role="group"
        aria-label="State chart, to scroll"
      />
    </>
  );
}

/** Scrolls the chart alone: the page stays where it is. */
function centre(host: HTMLElement, state: Element | null): void {
  if (state === null) return;
  const [outer, inner] = [host.getBoundingClientRect(), state.getBoundingClientRect()];
  host.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
  host.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
}

/** As a document: the page's policy lets no text become markup. */
function load(address: string): Promise<SVGSVGElement | undefined> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('GET', address);
    request.responseType = 'document';
    request.overrideMimeType('image/svg+xml');
    request.addEventListener('load', () => {
      const svg = request.responseXML?.documentElement as SVGSVGElement | undefined;
      resolve(svg === undefined ? undefined : document.adoptNode(svg));
    });
    request.addEventListener('error', () => resolve(undefined));
    request.send();
  });
}

/** Active states of a machine's value, outer ones first, as dotted paths. */
export function activePaths(value: unknown, prefix = ''): readonly string[] {
  if (typeof value === 'string') return [prefix + value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([parent, child]) => [
    prefix + parent,
    ...activePaths(child, `${prefix}${parent}.`),
  ]);
}
