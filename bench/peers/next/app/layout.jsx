// A page brings its whole document, head included, as ours does.
export default function Layout({ children }) {
  return children
}
