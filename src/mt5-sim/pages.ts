/** The pages that Flask shows where there is no route. */

const page = (title: string, text: string): string =>
  `<!doctype html>\n<html lang=en>\n<title>${title}</title>\n<h1>${title.slice(4)}</h1>\n<p>${text}</p>\n`;

export const notFoundPage = page(
  '404 Not Found',
  'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
);

export const wrongMethodPage = page('405 Method Not Allowed', 'The method is not allowed for the requested URL.');
