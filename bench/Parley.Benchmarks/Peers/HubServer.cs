using System.Globalization;

namespace Parley.Benchmarks.Peers;

/// <summary>Starts a hub as a child process and waits until it is ready.</summary>
internal static class HubServer
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    /// <summary>The hub's data folder.</summary>
    public static string DataOf(ServerProcess server) => Path.Combine(server.Folder, "data");

    /// <summary>An address on loopback.</summary>
    public static string Address(string scheme, int port) => string.Create(CultureInfo.InvariantCulture, $"{scheme}://127.0.0.1:{port}");

    /// <summary>Starts it.</summary>
    /// <param name="server">The process.</param>
    /// <param name="program">The built <c>parley</c>.</param>
    /// <param name="port">A port that the options name.</param>
    /// <param name="options">Options of <c>parley hub</c>, but for its data folder.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task StartAsync(ServerProcess server, string program, int port, string[] options, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        // A killed hub leaves the file behind; the new one writes it when it is ready.
        var ready = Path.Combine(DataOf(server), "hub.json");
        if (File.Exists(ready))
        {
            File.Delete(ready);
        }

        await server.StartAsync(program, ["hub", "--data", DataOf(server), .. options], port, cancellationToken);
        var begun = timeProvider.GetTimestamp();
        while (!File.Exists(ready))
        {
            if (timeProvider.GetElapsedTime(begun) > _patience)
            {
                throw new InvalidOperationException("The hub did not become ready.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), timeProvider, cancellationToken);
        }
    }
}
