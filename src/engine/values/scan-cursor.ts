/** Adds one to the cursor counted from its high bit down: earlier cursors stay behind it whatever the array's size. */
export function nextCursor(cursor: number, mask: number): number {
  return reverseBits((reverseBits(cursor | ~mask) + 1) | 0) >>> 0;
}

function reverseBits(bits: number): number {
  let v = bits;
  v = ((v >>> 1) & 0x55555555) | ((v & 0x55555555) << 1);
  v = ((v >>> 2) & 0x33333333) | ((v & 0x33333333) << 2);
  v = ((v >>> 4) & 0x0f0f0f0f) | ((v & 0x0f0f0f0f) << 4);
  v = ((v >>> 8) & 0x00ff00ff) | ((v & 0x00ff00ff) << 8);
  return (v >>> 16) | (v << 16);
}
