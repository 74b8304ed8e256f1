<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>ActionRow</name>
    <message>
        <source>Go on: %1</source>
        <translation>继续：%1</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>再检查一次</translation>
    </message>
    <message>
        <source>Read the host again</source>
        <translation>重新读取主机</translation>
    </message>
    <message>
        <source>Stopping after the current change…</source>
        <translation>正在停止：先做完当前更改…</translation>
    </message>
    <message>
        <source>Stop after the current change</source>
        <translation>做完当前更改后停止</translation>
    </message>
    <message>
        <source>Undo…</source>
        <translation>撤销…</translation>
    </message>
    <message>
        <source>Skip…</source>
        <translation>跳过…</translation>
    </message>
    <message>
        <source>Save report…</source>
        <translation>保存报告…</translation>
    </message>
</context>
<context>
    <name>Activity</name>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Working for %1</source>
        <translation>已用时 %1</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>还需 %1</translation>
    </message>
</context>
<context>
    <name>ChangedKeyPanel</name>
    <message>
        <source>The key that you know</source>
        <translation>您已知的密钥</translation>
    </message>
    <message>
        <source>The key that answers now</source>
        <translation>现在应答的密钥</translation>
    </message>
    <message>
        <source>The host was set up anew: forget the old key…</source>
        <translation>主机重装过：忘掉旧密钥…</translation>
    </message>
</context>
<context>
    <name>Confirm</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>ConsolePanel</name>
    <message>
        <source>This is a practice host: its Windows installs itself, nobody has to click.</source>
        <translation>这是练习主机：它的 Windows 会自己安装，不需要任何人点击。</translation>
    </message>
    <message>
        <source>Open the PVE web page</source>
        <translation>打开 PVE 网页</translation>
    </message>
    <message>
        <source>There: choose VM %1, then Console. Your browser may warn of the host&apos;s own certificate.</source>
        <translation>在网页里：选择虚拟机 %1，再点“控制台”。浏览器可能会提示主机自己的证书不受信任。</translation>
    </message>
    <message>
        <source>No browser could be opened; please open the address yourself.</source>
        <translation>无法打开浏览器；请自行打开这个地址。</translation>
    </message>
</context>
<context>
    <name>DevicesForm</name>
    <message>
        <source>Hand over the HDMI sound too</source>
        <translation>同时交出 HDMI 声音</translation>
    </message>
</context>
<context>
    <name>Entrance</name>
    <message>
        <source>Starting the practice host…</source>
        <translation>正在启动练习主机…</translation>
    </message>
    <message>
        <source>Reading the profile of %1…</source>
        <translation>正在读取 %1 的配置…</translation>
    </message>
    <message>
        <source>everything is done (%1)</source>
        <translation>全部完成（%1）</translation>
    </message>
    <message>
        <source>next: %1 %2 (%3)</source>
        <translation>下一步：%1 %2（%3）</translation>
    </message>
    <message>
        <source>Password of %1 on %2:</source>
        <translation>%2 上 %1 的密码：</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>密码</translation>
    </message>
    <message>
        <source>Connecting to %1…</source>
        <translation>正在连接 %1…</translation>
    </message>
    <message>
        <source>Secret of the API token %1:</source>
        <translation>API 令牌 %1 的密钥：</translation>
    </message>
    <message>
        <source>Secret of the token</source>
        <translation>令牌的密钥</translation>
    </message>
    <message>
        <source>Password of %1 for the Proxmox API on %2:</source>
        <translation>%2 上 Proxmox API 用户 %1 的密码：</translation>
    </message>
    <message>
        <source>API password</source>
        <translation>API 密码</translation>
    </message>
    <message>
        <source>Forget the known key of %1?</source>
        <translation>忘掉 %1 的已知密钥？</translation>
    </message>
    <message>
        <source>Do this only if you set the host up anew. Otherwise somebody else may be answering.</source>
        <translation>只有在您重装过主机时才这样做。否则可能是别人在应答。</translation>
    </message>
    <message>
        <source>Forget the key</source>
        <translation>忘掉密钥</translation>
    </message>
    <message>
        <source>Code of your authenticator app:</source>
        <translation>验证器应用里的验证码：</translation>
    </message>
    <message>
        <source>One-time code</source>
        <translation>一次性验证码</translation>
    </message>
    <message>
        <source>Open a survey</source>
        <translation>打开检查结果</translation>
    </message>
    <message>
        <source>Surveys and transcripts (*.json *.txt)</source>
        <translation>检查结果和文本记录 (*.json *.txt)</translation>
    </message>
    <message>
        <source>Forget %1?</source>
        <translation>删除 %1？</translation>
    </message>
    <message>
        <source>The profile and its stored secrets are deleted. The host itself is not touched.</source>
        <translation>会删除该配置及其保存的密码。主机本身不受影响。</translation>
    </message>
    <message>
        <source>Forget it</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Passwords are kept in the keyring of this computer (%1).</source>
        <translation>密码保存在这台电脑的密钥环里（%1）。</translation>
    </message>
    <message>
        <source>This computer has no safe keyring: passwords are kept for this session only, never in a file.</source>
        <translation>这台电脑没有安全的密钥环：密码只在本次运行期间保留，绝不写入文件。</translation>
    </message>
</context>
<context>
    <name>Failure</name>
    <message>
        <source>What the host said</source>
        <translation>主机的原话</translation>
    </message>
</context>
<context>
    <name>Farewell</name>
    <message>
        <source>Finishing the current change on %1…</source>
        <translation>正在完成 %1 上的当前更改…</translation>
    </message>
    <message>
        <source>A command that runs is finished first; a copy or a wait is broken off in good order. Nothing new is begun, and all of it is in the journal.</source>
        <translation>正在运行的命令会先做完；复制或等待会妥善中止。不再开始新的更改，全部过程都记入日志。</translation>
    </message>
    <message>
        <source>Then the start page comes back.</source>
        <translation>完成后回到起始页。</translation>
    </message>
    <message>
        <source>Then the program ends by itself.</source>
        <translation>完成后程序自动退出。</translation>
    </message>
    <message>
        <source>Quit anyway…</source>
        <translation>仍要退出…</translation>
    </message>
    <message>
        <source>Quit in the middle of a change?</source>
        <translation>更改尚未完成，确定要退出吗？</translation>
    </message>
    <message>
        <source>The connection is cut off at once. A command that runs on the host may go on there, a file that is being copied stays half copied under a temporary name, and the journal does not know how the change ended. Next time the program reads the host first: run the step again, or undo it.</source>
        <translation>连接会立即断开。主机上正在运行的命令可能会继续运行，正在复制的文件会以临时文件名留下半份，日志也不知道这处更改的结果。下次程序会先读取主机：请重新执行这一步，或者撤销它。</translation>
    </message>
    <message>
        <source>Quit anyway</source>
        <translation>仍要退出</translation>
    </message>
</context>
<context>
    <name>Findings</name>
    <message>
        <source>✓ Planned below – leave it out again</source>
        <translation>✓ 已列入下面的计划——点击取消</translation>
    </message>
    <message>
        <source>Plan this remedy…</source>
        <translation>计划这项补救…</translation>
    </message>
    <message>
        <source>Evidence from the host</source>
        <translation>来自主机的依据</translation>
    </message>
</context>
<context>
    <name>GuideView</name>
    <message>
        <source>The report was saved: %1</source>
        <translation>报告已保存：%1</translation>
    </message>
    <message>
        <source>Your answer has changed the plan. Look at it, then press again.</source>
        <translation>您的回答改变了计划。请看过之后再按一次。</translation>
    </message>
    <message>
        <source>Skip step %1, “%2”?</source>
        <translation>跳过步骤 %1“%2”？</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>跳过</translation>
    </message>
    <message>
        <source>Undo this on %1?</source>
        <translation>在 %1 上撤销这些？</translation>
    </message>
    <message>
        <source>Undo these changes</source>
        <translation>撤销这些更改</translation>
    </message>
    <message>
        <source>Save the survey</source>
        <translation>保存检查结果</translation>
    </message>
    <message>
        <source>Where to save the report</source>
        <translation>报告保存到哪里</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>PRACTICE – nothing real is touched</source>
        <translation>练习——不会碰到任何真实的东西</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Leave this host</source>
        <translation>离开这台主机</translation>
    </message>
</context>
<context>
    <name>HostKey</name>
    <message>
        <source>Is this your host?</source>
        <translation>这是您的主机吗？</translation>
    </message>
    <message>
        <source>%1 is new here. It shows this key (%2):</source>
        <translation>%1 是第一次连接。它给出的密钥是（%2）：</translation>
    </message>
    <message>
        <source>Compare it with what the host itself says, on its own screen or in the shell of the PVE web page:</source>
        <translation>请和主机自己显示的比较——在它的屏幕上，或在 PVE 网页的 Shell 里：</translation>
    </message>
    <message>
        <source>If the two differ, somebody else may be answering. Do not connect then.</source>
        <translation>如果两者不同，可能是别人在应答。那就不要连接。</translation>
    </message>
    <message>
        <source>It is the same: connect</source>
        <translation>一致，连接</translation>
    </message>
</context>
<context>
    <name>LaneForm</name>
    <message>
        <source>this program, through the guest agent</source>
        <translation>由本程序通过客户机代理打开</translation>
    </message>
    <message>
        <source>I do it myself in Windows</source>
        <translation>我自己在 Windows 里打开</translation>
    </message>
    <message>
        <source>Who switches it on</source>
        <translation>由谁打开</translation>
    </message>
</context>
<context>
    <name>LogDrawer</name>
    <message>
        <source>Search the log (Ctrl+F)</source>
        <translation>搜索日志（Ctrl+F）</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Information</source>
        <translation>信息</translation>
    </message>
    <message>
        <source>Warnings</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>Errors</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>Which lines to show</source>
        <translation>显示哪些行</translation>
    </message>
    <message>
        <source>Follow</source>
        <translation>跟随</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>保存…</translation>
    </message>
    <message>
        <source>Show or hide the log (Ctrl+L)</source>
        <translation>显示或隐藏日志（Ctrl+L）</translation>
    </message>
    <message>
        <source>Save the log</source>
        <translation>保存日志</translation>
    </message>
    <message>
        <source>The log was saved: %1</source>
        <translation>日志已保存：%1</translation>
    </message>
</context>
<context>
    <name>MachineList</name>
    <message>
        <source>Releases of Proxmox VE</source>
        <translation>Proxmox VE 的各个版本</translation>
    </message>
    <message>
        <source>Other hardware</source>
        <translation>其他硬件</translation>
    </message>
    <message>
        <source>Hosts that are not as installed</source>
        <translation>不再是刚装好样子的主机</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>pve-igpu – Intel graphics for Windows on Proxmox VE</source>
        <translation>pve-igpu——Proxmox VE 上给 Windows 用的 Intel 核显</translation>
    </message>
    <message>
        <source>Leave while the program is working?</source>
        <translation>程序正在工作，要离开吗？</translation>
    </message>
    <message>
        <source>The change that is under way is finished first – a long copy or wait is broken off in good order. After that the work stops and the connection ends. What was done stays, is in the journal, and can be continued or undone next time.</source>
        <translation>正在进行的更改会先做完（耗时的复制或等待会妥善中止），然后停止工作并断开连接。已经做的会保留并记在日志里，下次可以继续或撤销。</translation>
    </message>
    <message>
        <source>Leave</source>
        <translation>离开</translation>
    </message>
</context>
<context>
    <name>MediaForm</name>
    <message>
        <source>Windows disc</source>
        <translation>Windows 光盘</translation>
    </message>
    <message>
        <source>Driver disc (virtio-win)</source>
        <translation>驱动光盘（virtio-win）</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Storage for the discs</source>
        <translation>光盘的存储</translation>
    </message>
    <message>
        <source>Which one: %1</source>
        <translation>哪一个：%1</translation>
    </message>
    <message>
        <source>the one that is stored</source>
        <translation>已存放的那一个</translation>
    </message>
    <message>
        <source>a stored ISO</source>
        <translation>选择已存放的 ISO</translation>
    </message>
    <message>
        <source>a file on this computer</source>
        <translation>这台电脑上的文件</translation>
    </message>
    <message>
        <source>downloaded by the host</source>
        <translation>由主机下载</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
</context>
<context>
    <name>Preview</name>
    <message>
        <source>What will change</source>
        <translation>将要更改的内容</translation>
    </message>
    <message>
        <source>Commands on the host</source>
        <translation>在主机上执行的命令</translation>
    </message>
</context>
<context>
    <name>ProfileDialog</name>
    <message>
        <source>SSH port</source>
        <translation>SSH 端口</translation>
    </message>
    <message>
        <source>API port</source>
        <translation>API 端口</translation>
    </message>
    <message>
        <source>User</source>
        <translation>用户</translation>
    </message>
    <message>
        <source>Edit a host</source>
        <translation>编辑主机</translation>
    </message>
    <message>
        <source>Add a host</source>
        <translation>添加主机</translation>
    </message>
    <message>
        <source>More: ports, the Proxmox API, the known key</source>
        <translation>更多：端口、Proxmox API、已知密钥</translation>
    </message>
    <message>
        <source>Keep no secrets of this host: ask each time</source>
        <translation>不保存这台主机的密码：每次都问</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>name or IP of the Proxmox host</source>
        <translation>Proxmox 主机的名字或 IP</translation>
    </message>
    <message>
        <source>Name here</source>
        <translation>在此处的名字</translation>
    </message>
    <message>
        <source>like the address</source>
        <translation>与地址相同</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>密码</translation>
    </message>
    <message>
        <source>Key file</source>
        <translation>密钥文件</translation>
    </message>
    <message>
        <source>SSH agent</source>
        <translation>SSH 代理</translation>
    </message>
    <message>
        <source>Log in by</source>
        <translation>登录方式</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Passphrase of the key</source>
        <translation>密钥的口令</translation>
    </message>
    <message>
        <source>through SSH (safest)</source>
        <translation>通过 SSH（最安全）</translation>
    </message>
    <message>
        <source>directly</source>
        <translation>直接连接</translation>
    </message>
    <message>
        <source>Reach the Proxmox API</source>
        <translation>访问 Proxmox API</translation>
    </message>
    <message>
        <source>API user</source>
        <translation>API 用户</translation>
    </message>
    <message>
        <source>the same user, @pam</source>
        <translation>同一用户，@pam</translation>
    </message>
    <message>
        <source>API password</source>
        <translation>API 密码</translation>
    </message>
    <message>
        <source>API token</source>
        <translation>API 令牌</translation>
    </message>
    <message>
        <source>Secret of the token</source>
        <translation>令牌的密钥</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>节点</translation>
    </message>
    <message>
        <source>as the host itself says</source>
        <translation>以主机自己的为准</translation>
    </message>
    <message>
        <source>Known host key</source>
        <translation>已知的主机密钥</translation>
    </message>
    <message>
        <source>asked on first contact</source>
        <translation>第一次连接时询问</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>This cannot be used yet: %1</source>
        <translation>还不能使用：%1</translation>
    </message>
    <message>
        <source>There is already a host named “%1”. Choose another name, or edit that one.</source>
        <translation>已有名为“%1”的主机。请换一个名称，或者编辑原有的那一台。</translation>
    </message>
    <message>
        <source>asked when it is needed</source>
        <translation>需要时会询问</translation>
    </message>
    <message>
        <source>for the Proxmox API and sudo; asked when it is needed</source>
        <translation>用于 Proxmox API 和 sudo；需要时会询问</translation>
    </message>
    <message>
        <source>stored; type to replace it</source>
        <translation>已保存；输入即可替换</translation>
    </message>
</context>
<context>
    <name>Rail</name>
    <message>
        <source>Chapters and steps</source>
        <translation>章节与步骤</translation>
    </message>
</context>
<context>
    <name>RemotePanel</name>
    <message>
        <source>Open Remote Desktop</source>
        <translation>打开远程桌面</translation>
    </message>
    <message>
        <source>Copy the address</source>
        <translation>复制地址</translation>
    </message>
    <message>
        <source>Address of Windows</source>
        <translation>Windows 的地址</translation>
    </message>
    <message>
        <source>The Remote Desktop client of this computer was asked to open the address.</source>
        <translation>已请这台电脑的远程桌面客户端打开该地址。</translation>
    </message>
    <message>
        <source>No Remote Desktop client was found; copy the address instead.</source>
        <translation>没有找到远程桌面客户端，请复制地址。</translation>
    </message>
    <message>
        <source>The address is in the clipboard.</source>
        <translation>地址已复制到剪贴板。</translation>
    </message>
</context>
<context>
    <name>RomForm</name>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>vBIOS ROM file</source>
        <translation>vBIOS ROM 文件</translation>
    </message>
</context>
<context>
    <name>StartPage</name>
    <message>
        <source>Hand your Proxmox host&apos;s Intel graphics to Windows</source>
        <translation>把 Proxmox 主机的 Intel 核显交给 Windows</translation>
    </message>
    <message>
        <source>Step by step, each change shown before it is made, checked after it, and undoable. Nothing is touched before the host was read and you agreed.</source>
        <translation>一步一步进行：每处更改都先展示、后检查、可撤销。在读取主机并得到您的同意之前，什么都不会动。</translation>
    </message>
    <message>
        <source>Practise first</source>
        <translation>先练习一遍</translation>
    </message>
    <message>
        <source>A practice host is a simulated Proxmox machine inside this program. Walk through the whole guide with it: nothing real is touched.</source>
        <translation>练习主机是本程序内部模拟的一台 Proxmox 机器。您可以用它走完整个教程，不会碰到任何真实的东西。</translation>
    </message>
    <message>
        <source>It restarts, installs Windows and refuses like a real one, only faster. Choose the machine that is most like yours - some of them cannot work, and the program says why.</source>
        <translation>它会像真机一样重启、安装 Windows、拒绝操作，只是更快。请选择最像您的机器——有些机器不可能成功，程序会说明原因。</translation>
    </message>
    <message>
        <source>Your hosts</source>
        <translation>您的主机</translation>
    </message>
    <message>
        <source>Somebody sent you a survey of a host, or a folder of transcripts? Look at it with no host at hand.</source>
        <translation>有人发给您一份主机的检查结果，或一个文件夹的文本记录？不连主机也能查看。</translation>
    </message>
    <message>
        <source>Start the practice host</source>
        <translation>启动练习主机</translation>
    </message>
    <message>
        <source>Connect</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Add a host…</source>
        <translation>添加主机…</translation>
    </message>
    <message>
        <source>Edit…</source>
        <translation>编辑…</translation>
    </message>
    <message>
        <source>Forget…</source>
        <translation>删除…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Open a survey…</source>
        <translation>打开检查结果…</translation>
    </message>
    <message>
        <source>No host yet. Add the one you want to work on: its address and your login are enough.</source>
        <translation>还没有主机。请添加您要操作的那台：有地址和登录方式就够了。</translation>
    </message>
    <message>
        <source>Practice machine</source>
        <translation>练习机型</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>正在连接</translation>
    </message>
</context>
<context>
    <name>StepPage</name>
    <message>
        <source>Why? – after the guide “PVE8.2 核显直通到Windows10”, corrected</source>
        <translation>为什么？——依据教程《PVE8.2核显直通到Windows10》，有更正</translation>
    </message>
    <message>
        <source>Explanation of this step</source>
        <translation>这一步的解释</translation>
    </message>
    <message>
        <source>Step %1</source>
        <translation>步骤 %1</translation>
    </message>
    <message>
        <source>What will change</source>
        <translation>将要更改的内容</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>检查项</translation>
    </message>
    <message>
        <source>Evidence</source>
        <translation>证据</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>The host has not been read yet.</source>
        <translation>还没有读取主机。</translation>
    </message>
</context>
<context>
    <name>SurveyPanel</name>
    <message>
        <source>Save this survey…</source>
        <translation>保存检查结果…</translation>
    </message>
    <message>
        <source>A file without passwords, serial numbers and network addresses; others can open it and help.</source>
        <translation>文件里没有密码、序列号和网络地址；别人可以打开它来帮您。</translation>
    </message>
</context>
<context>
    <name>SurveyView</name>
    <message>
        <source>A saved survey</source>
        <translation>已保存的检查结果</translation>
    </message>
    <message>
        <source>%1 – no host is connected, nothing can be changed here.</source>
        <translation>%1 —— 没有连接主机，在这里不能更改任何东西。</translation>
    </message>
    <message>
        <source>Back to the start</source>
        <translation>回到开始</translation>
    </message>
    <message>
        <source>The survey</source>
        <translation>检查结果</translation>
    </message>
</context>
<context>
    <name>UndoPanel</name>
    <message>
        <source>Nothing is there to undo.</source>
        <translation>没有可撤销的更改。</translation>
    </message>
    <message>
        <source>Undo down to here…</source>
        <translation>撤销到这里…</translation>
    </message>
</context>
<context>
    <name>VmForm</name>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>the next free one</source>
        <translation>下一个空闲的</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>CPU cores</source>
        <translation>CPU 核数</translation>
    </message>
    <message>
        <source>Memory (MiB)</source>
        <translation>内存（MiB）</translation>
    </message>
    <message>
        <source>Disk (GiB)</source>
        <translation>磁盘（GiB）</translation>
    </message>
    <message>
        <source>Storage of the disk</source>
        <translation>磁盘所在的存储</translation>
    </message>
    <message>
        <source>Network bridge</source>
        <translation>网桥</translation>
    </message>
    <message>
        <source>VirtIO SCSI (fast)</source>
        <translation>VirtIO SCSI（快）</translation>
    </message>
    <message>
        <source>SATA (needs no driver)</source>
        <translation>SATA（不需要驱动）</translation>
    </message>
    <message>
        <source>Disk connection</source>
        <translation>磁盘接口</translation>
    </message>
    <message>
        <source>Start with the host</source>
        <translation>随主机启动</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>自动</translation>
    </message>
</context>
</TS>
