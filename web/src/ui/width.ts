import { useLayoutEffect, useState } from 'preact/hooks';

/** The width of an element in pixels, as it is and becomes. */
export function useWidth(box: { readonly current: HTMLDivElement | null }): number {
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    const element = box.current as HTMLDivElement;
    const tell = () => setWidth(Math.max(260, Math.floor(element.clientWidth)));
    const sizes = new ResizeObserver(tell);
    sizes.observe(element);
    tell();
    return () => sizes.disconnect();
  }, [box]);
  return width;
}
