import { millisNow } from '../../core/clock.js';
import { Alarm, sharedWheel } from '../timer-wheel.js';

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => sharedWheel.set(new Alarm(() => resolve()), millisNow() + ms));
}
