using Parley.EndToEndTests.Cli;

namespace Parley.EndToEndTests.PeerToPeer;

/// <summary>A hub of its own process with two agents, <c>agent-a</c> in home <c>a</c> and <c>agent-b</c> in home <c>b</c>.</summary>
internal static class TwoHomes
{
    /// <summary>Starts the hub and enrols both.</summary>
    public static Task<HubProcess> StartAsync(params string[] options) => StartWithAsync(new Dictionary<string, string?>(), options);

    /// <summary>The same with further variables for the hub.</summary>
    public static async Task<HubProcess> StartWithAsync(IReadOnlyDictionary<string, string?> variables, params string[] options)
    {
        var hub = await HubProcess.StartWithAsync(variables, options);
        var join = await hub.MakeJoinStringAsync("--uses", "many");
        foreach (var name in new[] { "a", "b" })
        {
            await ParleyProgram.RunWithInputAsync(hub.HomeOf(name), join, "join", "-", "--name", "agent-" + name);
        }

        return hub;
    }
}
