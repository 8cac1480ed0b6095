// Style sheets are imported for their effect; Vite puts them into the page.
declare module "*/app.css" {}
declare module "@xterm/xterm/css/xterm.css" {}
declare module "asciinema-player/dist/bundle/asciinema-player.css" {}
