import { gateSocket, gateWaitSeconds } from './upstreams'

// A proxy that finds no worker connects to a socket of systemd, which is there while the service is
// not. Who connects waits in its queue until the service is ready again, and is then passed on.

export const gateUnit = 'jumpstarter-gate'

export const gateSocketUnit = (): string => `\
[Unit]
Description=Where requests wait while Jumpstarter is restarted

[Socket]
ListenStream=${gateSocket}
SocketUser=jumpstarter
SocketGroup=jumpstarter
SocketMode=0660
Backlog=4096
`

export const gateService = (): string => `\
[Unit]
Description=Requests that have waited for Jumpstarter

[Service]
User=jumpstarter
Group=jumpstarter
ExecStartPre=/usr/bin/jumpstarter healthcheck unix:/run/jumpstarter/0.sock --wait ${gateWaitSeconds}
ExecStart=/lib/systemd/systemd-socket-proxyd --connections-max=4096 --exit-idle-time=1s \\
    /run/jumpstarter/0.sock
LimitNOFILE=65536

NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
PrivateDevices=yes
PrivateTmp=yes
RestrictAddressFamilies=AF_UNIX
`
