using System.Text.Json;
using Parley.EndToEndTests.Browser;
using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.PeerToPeer;

/// <summary>A hub, an agent that invites bob, and bob's browser.</summary>
internal sealed class VisitorSite : IAsyncDisposable
{
    private VisitorSite(HubProcess hub) => Hub = hub;

    /// <summary>The hub.</summary>
    public HubProcess Hub { get; }

    /// <summary>The link that bob was given.</summary>
    public string Link { get; private set; } = string.Empty;

    private string Home => Hub.HomeOf("a");

    /// <summary>Starts the hub, enrols agent-a and invites bob; skips the test where there is no Chromium, or no network that it could use.</summary>
    public static async Task<VisitorSite> StartAsync(params string[] options)
    {
        Requires.Program("chromium");
        Requires.NetworkAddress();
        var site = new VisitorSite(await HubProcess.StartAsync(options));
        await ParleyProgram.RunAsync(site.Home, "join", await site.Hub.MakeJoinStringAsync(), "--name", "agent-a");
        site.Link = await site.InviteAsync("bob");
        return site;
    }

    /// <summary>Makes a link.</summary>
    public async Task<string> InviteAsync(string name, params string[] options)
    {
        var outcome = await RunAsync(["p2p", "invite", name, "--json", .. options]);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        using var json = JsonDocument.Parse(outcome.Output);
        return json.RootElement.GetProperty("link").GetString()!;
    }

    /// <summary>Runs a command line of agent-a to its end.</summary>
    public Task<ProcessOutcome> RunAsync(params string[] arguments) => ParleyProgram.RunAsync(Home, arguments);

    /// <summary>Starts one.</summary>
    public RealProcess Start(params string[] arguments) => ParleyProgram.Start(Home, arguments);

    /// <summary>The same with standard input.</summary>
    public RealProcess StartWithInput(params string[] arguments) => ParleyProgram.StartWithInput(Home, arguments);

    /// <summary>Opens the page without entering: modules are at hand, and what stands behind '#' in the link is <c>window.entry</c>.</summary>
    public async Task<ChromiumWindow> EnterAsync(CancellationToken cancellationToken)
    {
        var parts = Link.Split('#');
        var window = await ChromiumWindow.OpenAsync(parts[0], cancellationToken);
        await window.WaitForAsync("document.readyState === 'complete' && location.pathname === '/p2p'", cancellationToken);
        await window.EvaluateAsync($"window.entry = {JsonSerializer.Serialize(parts[1])}", cancellationToken);
        return window;
    }

    /// <summary>A file in the site's folder, of bytes that differ.</summary>
    public string MakeFile(string name, int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        File.WriteAllBytes(Hub.HomeOf(name), bytes);
        return Hub.HomeOf(name);
    }

    /// <summary>Opens the page as its user does, and waits until the four things can be done; <c>connections</c> are those that the page makes.</summary>
    public async Task<ChromiumWindow> VisitAsync(CancellationToken cancellationToken, string script = "")
    {
        const string Watch = "window.connections = []; window.RTCPeerConnection = class extends RTCPeerConnection { constructor(...given) { super(...given); window.connections.push(this); } };";
        var window = await ChromiumWindow.OpenAsync(Link, cancellationToken, Watch + script);
        await window.WaitForAsync("document.getElementById('tabs')?.hidden === false || document.getElementById('problem')?.hidden === false", cancellationToken);
        Assert.Equal(string.Empty, await window.EvaluateAsync("document.getElementById('problem').textContent", cancellationToken));
        return window;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Hub.DisposeAsync();
}
