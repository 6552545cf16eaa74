import { byPackage, hardening } from './systemd'

/** As `jumpstarter backup` has them. */
export const backupDirectory = '/var/backups/jumpstarter'
const keep = 14

/** The unit of the Debian package that makes one backup, reads it back, and keeps two weeks. */
export const backupService = (): string => `\
# To change it: systemctl edit jumpstarter-backup. Its timer is jumpstarter-backup.timer.
[Unit]
Description=Backup of Jumpstarter
After=network-online.target postgresql.service

[Service]
Type=oneshot
User=jumpstarter
Group=jumpstarter
ExecStartPre=+/usr/bin/install -d -o jumpstarter -g jumpstarter -m 0700 ${backupDirectory}
ExecStart=${byPackage.program} backup ${backupDirectory}/ --keep ${keep}
ExecStartPost=${byPackage.program} backup verify ${backupDirectory}/
Nice=10
IOSchedulingClass=idle
TimeoutStartSec=6h

EnvironmentFile=-${byPackage.environmentFile}
StateDirectory=jumpstarter
StateDirectoryMode=0700
CacheDirectory=jumpstarter
ReadWritePaths=-${backupDirectory}

${hardening({ listeners: [] })}
`

export const backupTimer = (): string => `\
[Unit]
Description=Backup of Jumpstarter, each night

[Timer]
OnCalendar=*-*-* 03:00
RandomizedDelaySec=30m
# What was missed while the machine was off is made up for.
Persistent=yes

[Install]
WantedBy=timers.target
`
