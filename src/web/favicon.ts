/** The bolt of the wordmark, on its own colour, so that it shows on light and dark tabs. */
export const favicon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#4230d6"/>' +
  '<path d="M13.2 3.2 6.2 12.6h4.5L9.6 20.4l8.2-10.2h-5.2z" fill="#ffd23f"/></svg>'
