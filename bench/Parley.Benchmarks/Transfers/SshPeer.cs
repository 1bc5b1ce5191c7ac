using System.Globalization;
using Parley.Benchmarks.Peers;

namespace Parley.Benchmarks.Transfers;

/// <summary>scp through an sshd of its own, with fresh keys. It checks what is on the wire, not what is on the disk.</summary>
internal sealed class SshPeer(TimeProvider timeProvider) : ITransferPeer
{
    private readonly ServerProcess _server = new(timeProvider);
    private readonly int _port = ServerProcess.FreePort();

    /// <inheritdoc/>
    public string Name => "scp";

    /// <inheritdoc/>
    public string? Unavailable => ServerProcess.Find("sshd") is null || ServerProcess.Find("scp") is null ? "sshd or scp is not installed" : null;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory("/run/sshd");
        await MakeKeyAsync("host", cancellationToken);
        await MakeKeyAsync("user", cancellationToken);
        var config = Path.Combine(_server.Folder, "config");
        await File.WriteAllLinesAsync(config,
        [
            $"HostKey {_server.Folder}/host", $"AuthorizedKeysFile {_server.Folder}/user.pub", "StrictModes no", "UsePAM no", "PasswordAuthentication no", "PermitRootLogin prohibit-password",
            "Subsystem sftp internal-sftp", "PidFile none", string.Create(CultureInfo.InvariantCulture, $"ListenAddress 127.0.0.1:{_port}"),
        ], cancellationToken);
        await _server.StartAsync(ServerProcess.Find("sshd")!, ["-D", "-f", config], _port, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<TransferCost> CopyAsync(string source, string target, CancellationToken cancellationToken)
    {
        using var run = new TransferRun(timeProvider);
        var processor = ServerProcessorTime();
        var begun = timeProvider.GetTimestamp();
        run.Start(
            "/usr/bin/scp",
            ["-q", "-r", "-P", _port.ToString(CultureInfo.InvariantCulture), "-i", $"{_server.Folder}/user", "-o", "StrictHostKeyChecking=no", "-o", $"UserKnownHostsFile={_server.Folder}/known", source, $"{Environment.UserName}@127.0.0.1:{target}/"],
            target);
        var cost = await run.EndAsync(begun, target, cancellationToken);
        return cost with { Processor = cost.Processor + ServerProcessorTime() - processor };
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private TimeSpan ServerProcessorTime()
    {
        // Children of sshd that have ended: fields 16 and 17 of its line.
        var stat = File.ReadAllText($"/proc/{_server.Id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = fields[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
        return TimeSpan.FromSeconds((double)ticks / Measuring.ProcessUsage.TicksPerSecond);
    }

    private async Task MakeKeyAsync(string name, CancellationToken cancellationToken)
    {
        using var run = new TransferRun(timeProvider);
        run.Start("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(_server.Folder, name)], _server.Folder);
        await run.EndAsync(timeProvider.GetTimestamp(), _server.Folder, cancellationToken);
    }
}
