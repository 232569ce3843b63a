/** What is done to a state directory while no daemon runs on it. */
import { WallClock } from './clock.ts';
import { restoreBackup } from './store/backup.ts';
import { openStateDir } from './store/state-dir.ts';

/**
 * Brings a backup into a state directory without a journal, and holds its lock meanwhile.
 * @throws QktError QKT_E_LOCKED while a daemon has it, QKT_E_STATE_NOT_EMPTY, QKT_E_BACKUP, QKT_E_JOURNAL_NEWER,
 * QKT_E_FILE, QKT_E_STATE_DIR; nothing was restored then
 */
export async function restoreState(file: string, stateDir: string): Promise<void> {
  const state = await openStateDir(stateDir, new WallClock());
  try {
    await restoreBackup(file, state.path);
  } finally {
    state.close();
  }
}
