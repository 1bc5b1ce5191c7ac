using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Parley.Benchmarks.Peers;

/// <summary>A server as a child process in a folder of its own; both are gone when this is disposed.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _timeProvider;
    private Process? _process;

    /// <summary>Makes the folder (0700).</summary>
    public ServerProcess(TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        Folder = Directory.CreateTempSubdirectory("parley-bench-").FullName;
    }

    /// <summary>For the server's configuration and data.</summary>
    public string Folder { get; }

    /// <summary>The child's id.</summary>
    public int Id => _process?.Id ?? throw new InvalidOperationException("The server was not started.");

    /// <summary>The full path of a program on PATH, or null.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Append("/usr/sbin")
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    /// <summary>A loopback port that nobody listens on at this moment.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts the program and waits until it accepts connections.</summary>
    public async Task StartAsync(string program, string[] arguments, int port, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Folder };
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        _ = _process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        var begun = _timeProvider.GetTimestamp();
        while (!await AcceptsAsync(port, cancellationToken))
        {
            if (_process.HasExited || _timeProvider.GetElapsedTime(begun) > _patience)
            {
                throw new InvalidOperationException($"{Path.GetFileName(program)} did not listen on port {port}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), _timeProvider, cancellationToken);
        }
    }

    /// <summary>Kills the child and waits for its end.</summary>
    public async Task StopAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        _process = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task<bool> AcceptsAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            using var socket = await BatchedConnection.ConnectAsync(port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
