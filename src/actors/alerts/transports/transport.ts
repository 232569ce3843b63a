/** How a channel carries a message, whatever it is. */
import type { Notification } from '../../../alerts/notification.ts';

export interface Transport {
  /**
   * Settles when the receiver has taken it; ends at once when the signal aborts.
   * @throws SendFailure or another error with what went wrong, without any secret
   */
  send(notification: Notification, signal: AbortSignal): Promise<void>;
  /** Lets go of its connections. */
  close(): void;
}
