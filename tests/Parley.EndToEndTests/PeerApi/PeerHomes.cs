using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Parley.EndToEndTests.Cli;
using Parley.Protocol.Files;
using Parley.Testing;

namespace Parley.EndToEndTests.PeerApi;

/// <summary>Homes a and b, and c for those who need it, with agents of these names, which know each other once they were introduced.</summary>
internal sealed class PeerHomes : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<RealProcess> _servers = [];

    public string A => _folder.PathOf("a");

    public string B => _folder.PathOf("b");

    public string C => _folder.PathOf("c");

    /// <summary>Makes both, without servers.</summary>
    public static async Task<PeerHomes> MakeAsync()
    {
        var homes = new PeerHomes();
        await RunAsync(homes.A, "", "peer", "init", "--name", "a");
        await RunAsync(homes.B, "", "peer", "init", "--name", "b");
        return homes;
    }

    public string PathOf(string name) => _folder.PathOf(name);

    /// <summary>Makes the third home.</summary>
    public Task MakeThirdAsync() => RunAsync(C, "", "peer", "init", "--name", "c");

    /// <summary>Changes a member of a peer's entry in a home's peers.json.</summary>
    public static void Change(string home, string peer, string member, JsonNode value) => Edit(home, root => root["peers"]![peer]![member] = value);

    /// <summary>Takes a member of a peer's entry away.</summary>
    public static void Remove(string home, string peer, string member) => Edit(home, root => root["peers"]![peer]!.AsObject().Remove(member));

    /// <summary>Changes a member of a home's peers.json.</summary>
    public static void ChangeRoot(string home, string member, JsonNode value) => Edit(home, root => root[member] = value);

    /// <summary>Starts a home's server with a program that answers; its port.</summary>
    public Task<string> ServeAsync(string home, params string[] command) => ServeOptionsAsync(home, ["--", .. command]);

    /// <summary>The same with options that say who answers.</summary>
    public async Task<string> ServeOptionsAsync(string home, params string[] options)
    {
        var server = ParleyProgram.Start(home, ["peer", "serve", "--port", "0", "--concurrency", "8", .. options]);
        _servers.Add(server);
        await server.WaitForErrorAsync(" on https://");
        return new Uri(server.Error[server.Error.IndexOf("https://", StringComparison.Ordinal)..].Split('\n')[0]).Port.ToString();
    }

    /// <summary>The same with a script: a shell itself is given no prose.</summary>
    public async Task<string> ServeScriptAsync(string home, string script) => await ServeAsync(home, await ScriptAsync(home, script));

    /// <summary>A script in a home that answers; its path.</summary>
    public static async Task<string> ScriptAsync(string home, string script)
    {
        var path = Path.Combine(home, "answer");
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>Hands what one home exports to the other, unless that keeps what it has.</summary>
    public static async Task IntroduceAsync(string from, string port, string to, bool keeps = false)
    {
        if (keeps && JsonNode.Parse(File.ReadAllText(Path.Combine(to, "peers.json")))!["peers"]![Path.GetFileName(from)] is not null)
        {
            return;
        }

        var export = await RunAsync(from, "", "peer", "export", "--host", "127.0.0.1", "--port", port);
        await RunAsync(to, export, "peer", "add", "-", "--replace");
    }

    /// <summary>Waits until a server shows the certificate that <c>peer rotate</c> printed.</summary>
    public static Task UntilShownAsync(string port, string fingerprint) => Deadline.UntilAsync(
        async () =>
        {
            using var client = new TcpClient("127.0.0.1", int.Parse(port));
            using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) =>
                $"SHA256{Convert.ToHexString(SHA256.HashData(certificate!.GetRawCertData()))}" == fingerprint.Replace(":", string.Empty, StringComparison.Ordinal));
            try
            {
                await tls.AuthenticateAsClientAsync("peer");
                return true;
            }
            catch (AuthenticationException)
            {
                return false;
            }
        },
        "the new certificate");

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _folder.Dispose();
    }

    private static void Edit(string home, Action<JsonNode> change)
    {
        var path = Path.Combine(home, "peers.json");
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        change(root);
        SecretFile.Write(path, Encoding.UTF8.GetBytes(root.ToJsonString()));
    }

    private static async Task<string> RunAsync(string home, string input, params string[] arguments)
    {
        var outcome = await ParleyProgram.RunWithInputAsync(home, input, arguments);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        return outcome.Output;
    }
}
