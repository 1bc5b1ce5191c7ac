using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.A2aDoors;

/// <summary>A hub and an agent behind it in processes of their own, and a key of the agent's owner.</summary>
internal sealed class A2aSite : IAsyncDisposable
{
    private readonly HubProcess _hub;
    private readonly RealProcess _listener;

    private A2aSite(HubProcess hub, RealProcess listener, string key) => (_hub, _listener, Key) = (hub, listener, key);

    /// <summary>Where the hub is.</summary>
    public string Http => _hub.ReadFile("http").GetString()!.TrimEnd('/');

    /// <summary>Where it speaks gRPC: host and port.</summary>
    public string Grpc => new Uri(_hub.ReadFile("grpc").GetString()!).Authority;

    /// <summary>The agent's home.</summary>
    public string Home => _hub.HomeOf("support");

    /// <summary>The agent's own address.</summary>
    public string Agent => Http + "/agents/support";

    /// <summary>A key with the scope for messages.</summary>
    public string Key { get; }

    /// <summary>Starts all of it.</summary>
    /// <param name="options">How the agent listens.</param>
    public static Task<A2aSite> StartAsync(params string[] options) => StartAsync(_ => options);

    /// <summary>Starts it with an agent that is a program of these shell commands; a shell itself gets no text from others.</summary>
    public static Task<A2aSite> OfProgramAsync(string commands) => StartAsync(hub =>
    {
        var program = hub.HomeOf("program");
        File.WriteAllText(program, $"#!/bin/sh\n{commands}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return ["--exec", program];
    });

    private static async Task<A2aSite> StartAsync(Func<HubProcess, string[]> options)
    {
        var hub = await HubProcess.StartAsync("--default-agent", "local.support");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("support"), await hub.MakeJoinStringAsync(), "join", "-", "--name", "support");
        var listener = ParleyProgram.Start(hub.HomeOf("support"), ["a2a", "listen", .. options(hub)]);
        await listener.WaitForErrorAsync("listening");
        var made = await hub.AdminAsync("keys", "create", "--scope", "messages");
        return new A2aSite(hub, listener, made.Output.Trim());
    }

    /// <summary>Makes the agent public.</summary>
    public Task ShowToAllAsync() => _hub.AdminAsync("agents", "label", "local.support", "--visibility", "public");

    /// <summary>Writes a file that is gone with the site.</summary>
    public string Write(string content)
    {
        var path = _hub.HomeOf("file");
        File.WriteAllText(path, content);
        return path;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await _hub.DisposeAsync();
    }
}
