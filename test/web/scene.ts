/** A daemon that trades on a fast market, for a page to look at. */
import { Scene, strategySource } from '../acceptance/trading-scene.ts';

/** Buys with a stop and closes again, all the time, and logs with markup in it. */
export const trader = (name: string): string =>
  strategySource(
    name,
    `if (ticks % 20 !== 0) return;
     if (ctx.position('eur').qty === 0) ctx.buy('eur', { qty: 10000, bracket: { stopLoss: { by: 0.0015 }, takeProfit: { by: 0.003 } } });
     else { ctx.close('eur'); ctx.log('info', 'closed <b>it</b>'); }`,
  );

/** Holds a position, with an entry that waits far away. */
export const holderWithEntry = (name: string): string =>
  strategySource(
    name,
    `if (ticks === params.at) {
       ctx.buy('eur', { qty: 10000 });
       ctx.buy('eur', { qty: 5000, type: 'limit', price: 0.9 });
     }`,
  );

/** Does not come back from its fifth quote. */
export const hanging = (name: string): string => strategySource(name, `if (ticks === params.at) for (;;);`);

export async function trading(...sources: readonly (readonly [string, string])[]): Promise<Scene> {
  const scene = await Scene.open();
  for (const [name, source] of sources) await scene.deploy(name, source);
  scene.daemon.openMarkets();
  return scene;
}
