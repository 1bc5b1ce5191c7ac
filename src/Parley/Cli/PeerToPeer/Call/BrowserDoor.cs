using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Text;

namespace Parley.Cli.PeerToPeer.Call;

/// <summary>Opens a page in the user's browser without showing its address to others: command lines are public on a machine, so the browser gets a file of mode 0600 that leads there.</summary>
internal sealed class BrowserDoor(string folder, Func<string, string?> environment) : IDisposable
{
    private string? _file;

    /// <summary>Opens it.</summary>
    /// <returns>False when there is no screen, or no browser.</returns>
    public bool TryOpen(Uri address)
    {
        if (OperatingSystem.IsLinux() && string.IsNullOrEmpty(environment("DISPLAY")) && string.IsNullOrEmpty(environment("WAYLAND_DISPLAY")))
        {
            return false;
        }

        var file = Path.Combine(folder, $"call-{Environment.ProcessId}.html");
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        File.Delete(file);
        using (var writer = new StreamWriter(new FileStream(file, options), new UTF8Encoding(false)))
        {
            writer.Write($"<!doctype html><meta http-equiv=\"refresh\" content=\"0;url={WebUtility.HtmlEncode(address.AbsoluteUri)}\"><title>Parley call</title>");
        }

        _file = file;
        try
        {
            var program = OperatingSystem.IsMacOS() ? "open" : "xdg-open";
            using var process = OperatingSystem.IsWindows()
                ? Process.Start(new ProcessStartInfo(file) { UseShellExecute = true })
                : Process.Start(new ProcessStartInfo(program, [file]) { RedirectStandardOutput = true, RedirectStandardError = true });
            return process is not null;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_file is not null)
        {
            File.Delete(_file);
        }
    }
}
