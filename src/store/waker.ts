/** Nest's token for the Waker. */
export const WAKER = Symbol('Waker');

/**
 * Tells whoever works on a connection that there is something to do. Here, because those who take something in need not
 * know the lanes: a lost call costs time alone, since what is due is in the rows.
 */
export interface Waker {
  wake(connectionId: string): Promise<void>;
}
