# shellcheck shell=sh
# In a guest with SELinux enforcing: which domains can be entered, and do spc's verbs work there?
# shellcheck source=../guest-tap.sh
. ./guest-tap.sh

is "$(cat /sys/fs/selinux/enforce)" 1 'SELinux is enforcing'
is "$(selinux-probe getcon)" system_u:system_r:kernel_t:s0 'everything starts as kernel_t'

# libselinux looks at a configuration file that a tools image does not have.
is "$(selinux-probe enabled)" 0 'is_selinux_enabled says no without /etc/selinux/config'
echo SELINUX=enforcing >/etc/selinux/config
is "$(selinux-probe enabled)" 1 'is_selinux_enabled says yes with it'
rm /etc/selinux/config

for type in spc_t unconfined_t; do
	is "$(selinux-probe exec "$type" selinux-probe getcon 2>&1)" "system_u:system_r:$type:s0" "kernel_t may change to $type"
done
cmd_status 126 'kernel_t may not change to container_t: execve fails' selinux-probe exec container_t true
cmd_status 126 'kernel_t may not change to svirt_t: execve fails' selinux-probe exec svirt_t true
cmd_status 2 'a type that does not exist: setexeccon fails' selinux-probe exec nosuch_t true
is "$(selinux-probe exec unconfined_t selinux-probe exec spc_t selinux-probe getcon 2>&1)" \
	system_u:system_r:spc_t:s0 'unconfined_t may change to spc_t'
cmd_status 126 'spc_t may not change to unconfined_t' selinux-probe exec spc_t selinux-probe exec unconfined_t true

answer=$(spc doctor selinux)
like "$answer" 'selinux  *ok  *enforcing, as system_u:system_r:kernel_t:s0; may change to spc_t' 'spc doctor selinux, as kernel_t'
answer=$(selinux-probe exec spc_t spc doctor selinux)
like "$answer" 'selinux  *ok  *enforcing, as .*:spc_t:s0' 'spc doctor selinux, as spc_t'
answer=$(selinux-probe exec udev_t spc doctor selinux 2>&1)
like "$answer" 'selinux  *limited  *enforcing, as .*:udev_t:s0; may not change to spc_t' 'spc doctor selinux, as udev_t'
selinux-probe exec spc_t spc doctor --timeout 60s >/run/spc_t 2>&1
ok $? 'spc doctor as spc_t'
cat /run/spc_t >&2
for name in raw-tracepoint ringbuf ptrace-any packet-socket; do
	like "$(grep "^$name " /run/spc_t)" "^$name *ok" "$name is ok as spc_t"
done

cmd_ok 'spc ps' spc ps
cmd_ok 'spc ps as spc_t' selinux-probe exec spc_t spc ps
cmd_ok 'spc run tools true' spc run tools true
cmd_ok 'spc run tools true as spc_t' selinux-probe exec spc_t spc run tools true

# The control: what was refused above was refused by the policy.
echo 0 >/sys/fs/selinux/enforce
is "$(selinux-probe exec container_t selinux-probe getcon 2>/dev/null)" system_u:system_r:container_t:s0 'permissive: kernel_t enters container_t'
like "$(spc doctor selinux)" 'ok  *permissive' 'spc doctor selinux says permissive'

dmesg | grep 'avc:.*denied' >&2
done_testing
