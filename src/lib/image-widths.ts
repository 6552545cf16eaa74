/** The widths in which pictures are kept and served, in pixels; a narrow one has fewer. */
export const imageWidths = [160, 320, 640, 1024, 1600] as const
