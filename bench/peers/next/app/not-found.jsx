export default function NotFound() {
  return (
    <html lang="en">
      <body>There is no such project.</body>
    </html>
  )
}
