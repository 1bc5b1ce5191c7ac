using System.ComponentModel;
using System.Diagnostics;
using Parley.Protocol.Errors;

namespace Parley.Cli.Service;

/// <summary>Where units lie and how systemd hears of them: this user's, or the machine's.</summary>
internal sealed class UnitPlace(bool isSystem, CommandContext context)
{
    private const string Running = "/run/systemd/system";

    /// <summary>The folder of the units.</summary>
    public string Folder => isSystem
        ? "/etc/systemd/system"
        : Path.Combine(NonEmpty("XDG_CONFIG_HOME") ?? Path.Combine(NonEmpty("HOME") ?? throw NoHome(), ".config"), "systemd", "user");

    /// <summary>The file of a unit.</summary>
    public string PathOf(string unit) => Path.Combine(Folder, unit + ".service");

    /// <summary>Refuses where systemd is not in charge.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Unsupported"/>.</exception>
    public static void RequireSystemd()
    {
        if (!Directory.Exists(Running))
        {
            throw new ParleyException(ErrorCode.Unsupported, "This machine is not run by systemd: --print shows the unit for one that is; elsewhere let your own supervisor run parley hub or parley a2a listen.");
        }
    }

    /// <summary>Writes a unit of ours.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Conflict"/>: there is one of somebody else's; <see cref="ErrorCode.PermissionDenied"/>.</exception>
    public void Write(string unit, string text)
    {
        RequireOurs(unit);
        try
        {
            Directory.CreateDirectory(Folder);
            var part = PathOf(unit) + ".part";
            File.WriteAllText(part, text);
            File.Move(part, PathOf(unit), overwrite: true);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new ParleyException(ErrorCode.PermissionDenied, $"This user may not write {Folder}: run it as root, or without --system.", exception);
        }
    }

    /// <summary>Removes a unit of ours; false when there is none.</summary>
    public bool Remove(string unit)
    {
        if (!File.Exists(PathOf(unit)))
        {
            return false;
        }

        RequireOurs(unit);
        File.Delete(PathOf(unit));
        return true;
    }

    /// <summary>Runs <c>systemctl</c>; what it says goes to standard error.</summary>
    /// <returns>Whether it succeeded.</returns>
    public async Task<bool> ControlAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var start = new ProcessStartInfo("systemctl", isSystem ? arguments : ["--user", .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true };
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = await process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            await output;
            if (process.ExitCode != 0)
            {
                context.Terminal.Note($"systemctl {string.Join(' ', arguments)}: {error.Trim()}");
            }

            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            context.Terminal.Note("systemctl is not installed");
            return false;
        }
    }

    private void RequireOurs(string unit)
    {
        var path = PathOf(unit);
        if (File.Exists(path) && !File.ReadAllText(path).StartsWith(SystemdUnit.Mark, StringComparison.Ordinal))
        {
            throw new ParleyException(ErrorCode.Conflict, $"{path} was not written by parley service install: give another --name.");
        }
    }

    private string? NonEmpty(string name) => context.Environment(name) is { Length: > 0 } value ? value : null;

    private static ParleyException NoHome() => new(ErrorCode.InvalidArgument, "HOME is not set: units of a user lie in its .config/systemd/user.");
}
