using System.Text;

namespace Parley.Cli.Service;

/// <summary>What runs under systemd.</summary>
internal enum ServiceKind
{
    /// <summary><c>parley hub</c>.</summary>
    Hub,

    /// <summary><c>parley a2a listen</c> that runs no programs.</summary>
    Listener,

    /// <summary><c>parley a2a listen --exec</c>: what it runs may need anything that its user may do.</summary>
    ExecListener,
}

/// <summary>The text of one unit: restarts, shuts down in order, and may do no more than it must. No secret is in it; those come from a file of mode 0600 that may be absent.</summary>
/// <param name="Kind">What it runs.</param>
/// <param name="CommandLine">Program and arguments.</param>
/// <param name="Home">The home folder.</param>
/// <param name="EnvironmentFile">Where secrets are given as <c>NAME=VALUE</c> lines.</param>
/// <param name="WorkingFolder">Where it runs.</param>
/// <param name="Writable">Folders that it writes.</param>
/// <param name="RunAs">The user of a system unit; null for a user unit.</param>
internal sealed record SystemdUnit(
    ServiceKind Kind, IReadOnlyList<string> CommandLine, string Home, string EnvironmentFile, string WorkingFolder, IReadOnlyList<string> Writable, string? RunAs)
{
    /// <summary>The first line of our units: others are not overwritten and not removed.</summary>
    public const string Mark = "# Written by parley service install.";

    private const string StateRoot = "/var/lib/";

    // Usage, refusals and conflicts do not get better by trying again; a listener that another one replaced must not fight for its place.
    private const string NeverAgain = "2 3 6 7";

    // These need no namespace of their own, so a user's systemd can set them, too.
    private static readonly string[] _always =
    [
        "NoNewPrivileges=yes", "LockPersonality=yes", "RestrictRealtime=yes", "RestrictSUIDSGID=yes", "RestrictNamespaces=yes",
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "SystemCallArchitectures=native",
    ];

    private static readonly string[] _bySystem =
    [
        "ProtectSystem=strict", "ProtectHome=read-only", "PrivateTmp=yes", "PrivateDevices=yes", "ProtectKernelTunables=yes", "ProtectKernelModules=yes",
        "ProtectKernelLogs=yes", "ProtectControlGroups=yes", "ProtectClock=yes", "ProtectHostname=yes", "ProtectProc=invisible", "RemoveIPC=yes",
        "CapabilityBoundingSet=CAP_NET_BIND_SERVICE", "AmbientCapabilities=CAP_NET_BIND_SERVICE",
    ];

    /// <summary>The unit file.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var isSystem = RunAs is not null;
        text.Append(Mark).Append(" Change it with: systemctl ").Append(isSystem ? string.Empty : "--user ").Append("edit NAME\n[Unit]\n");
        Add(text, $"Description=Parley {(Kind == ServiceKind.Hub ? "hub" : "listener")}");
        if (isSystem)
        {
            Add(text, "Wants=network-online.target", "After=network-online.target");
        }

        text.Append("\n[Service]\n");
        Add(text, "Type=exec", $"ExecStart={string.Join(' ', CommandLine.Select(SystemdText.Argument))}");
        Add(text, $"Environment={SystemdText.Word("PARLEY_HOME=" + Home)}", $"EnvironmentFile=-{SystemdText.Line(EnvironmentFile)}", $"WorkingDirectory={SystemdText.Line(WorkingFolder)}");
        if (isSystem)
        {
            Add(text, $"User={SystemdText.Line(RunAs!)}");
        }

        // The listener tells its children itself, and waits for what they answer.
        Add(text, "Restart=on-failure", "RestartSec=2", $"RestartPreventExitStatus={NeverAgain}", "SuccessExitStatus=130 143", "KillMode=mixed", "TimeoutStopSec=30", "UMask=0077");
        Add(text, Kind == ServiceKind.Hub ? ["LimitNOFILE=65536"] : []);
        AddHardening(text, isSystem);
        text.Append("\n[Install]\n");
        Add(text, $"WantedBy={(isSystem ? "multi-user.target" : "default.target")}");
        return text.ToString();
    }

    private void AddHardening(StringBuilder text, bool isSystem)
    {
        if (Kind == ServiceKind.ExecListener)
        {
            return;
        }

        Add(text, _always);
        if (!isSystem)
        {
            return;
        }

        Add(text, _bySystem);
        foreach (var folder in Writable)
        {
            if (folder.StartsWith(StateRoot, StringComparison.Ordinal) && folder.Length > StateRoot.Length)
            {
                Add(text, $"StateDirectory={SystemdText.Word(folder[StateRoot.Length..])}", "StateDirectoryMode=0700");
            }
            else
            {
                Add(text, $"ReadWritePaths={SystemdText.Word(folder)}");
            }
        }
    }

    private static void Add(StringBuilder text, params string[] lines)
    {
        foreach (var line in lines)
        {
            text.Append(line).Append('\n');
        }
    }
}
