using Parley.Client.Load;
using System.Diagnostics;
using System.Security.Cryptography;
using Parley.Client.Config;
using Parley.Client.Enrolment;
using Parley.Protocol.Identity;

namespace Parley.Benchmarks.Peers;

/// <summary>Agents that joined the hub under test, each once; a name that comes again is the same agent.</summary>
internal sealed class ParleyHomes(string folder, JoinString join, bool usesWebSocket, TimeProvider timeProvider) : IDisposable
{
    private readonly Dictionary<string, LoadAgent> _homes = [];

    /// <summary>Asks the running hub for a join string that is good for any number of agents.</summary>
    public static async Task<JoinString> MakeJoinStringAsync(string program, string dataFolder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, ["admin", "--data", dataFolder, "tokens", "create", "--uses", "many"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? JoinString.Parse(output.Trim())
            : throw new InvalidOperationException($"parley admin tokens create failed: {await errors}");
    }

    /// <summary>The agent of this name; joins first when it is new.</summary>
    public async Task<LoadAgent> EnsureAsync(string name, CancellationToken cancellationToken)
    {
        lock (_homes)
        {
            if (_homes.TryGetValue(name, out var known))
            {
                return known;
            }
        }

        var home = HomeFolder.Open(Path.Combine(folder, name), _ => null);
        await new Enroller(timeProvider, RandomNumberGenerator.Fill).JoinAsync(home, join, name, new Dictionary<string, string>(), allowInsecure: false, cancellationToken);
        var made = new LoadAgent(HubProfile.Load(home), HomeIdentity.Load(home), usesWebSocket);
        lock (_homes)
        {
            _homes.Add(name, made);
        }

        return made;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var home in _homes.Values)
        {
            home.Identity.Dispose();
        }
    }
}
