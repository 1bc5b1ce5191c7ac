using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Parley.Client.PeerApi.Entries;
using Parley.Crypto;
using Parley.Crypto.Tls;
using Parley.EndToEndTests.Cli;
using Parley.EndToEndTests.Grpc;
using Parley.Protocol.Files;
using Parley.Testing;

namespace Parley.EndToEndTests.PeerApi;

/// <summary>Programs of other make against <c>parley peer serve</c>.</summary>
public sealed class PeerStrangersTests
{
    [Fact]
    public async Task Curl_with_a_pin_sees_health_and_without_a_token_nothing_else()
    {
        var curl = Requires.Program("curl");
        await using var homes = await PeerHomes.MakeAsync();
        var port = await homes.ServeAsync(homes.B, "cat");
        var certificate = Ed25519Certificate.FromPem(await File.ReadAllTextAsync(Path.Combine(homes.B, "identity.crt")));
        string[] arguments = ["-sS", "-k", "--max-time", "30", "--pinnedpubkey", "sha256//" + Convert.ToBase64String(certificate.KeyHash)];

        var health = await RealProcess.RunAsync(curl, [.. arguments, $"https://127.0.0.1:{port}/health"]);
        var models = await RealProcess.RunAsync(curl, [.. arguments, "-w", " %{http_code}", $"https://127.0.0.1:{port}/v1/models"]);
        var plain = await RealProcess.RunAsync(curl, ["-sS", "--max-time", "30", $"http://127.0.0.1:{port}/health"]);

        Assert.Equal("""{"status":"ok"}""", health.Output);
        Assert.EndsWith("\"invalid_api_key\"}} 401", models.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, plain.ExitCode);
    }

    [Fact]
    public async Task Node_asks_with_a_token_that_it_signed_itself()
    {
        var node = Requires.Program("node");
        await using var homes = await PeerHomes.MakeAsync();
        var port = await homes.ServeAsync(homes.B, "cat");
        using var key = Ed25519Key.Generate();
        await File.WriteAllTextAsync(homes.PathOf("node.key"), key.ExportPkcs8Pem());
        var pin = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        var (peers, _) = PeerExport.Add(
            await File.ReadAllTextAsync(Path.Combine(homes.B, "peers.json")),
            $$"""{"name":"node","host":"127.0.0.1","verifyKey":"{{PeerKeyText.WritePublic(key.PublicKey)}}","certFingerprint":"{{pin}}"}""",
            replaces: false, TimeProvider.System.GetUtcNow());
        SecretFile.Write(Path.Combine(homes.B, "peers.json"), System.Text.Encoding.UTF8.GetBytes(peers));
        Task<ProcessOutcome> AskAsync(string issuer, string audience) => RealProcess.RunAsync(
            node, [Script("peer-client.mjs"), port, Path.Combine(homes.B, "identity.crt"), homes.PathOf("node.key"), issuer, audience, "hello from node"]);

        var right = await AskAsync("node", "b");
        var wrong = await AskAsync("node", "c");

        Assert.Equal("200 hello from node\n", right.Output);
        Assert.StartsWith("401 ", wrong.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task T10_T11_openssls_certificate_is_served_and_its_fingerprint_printed()
    {
        Requires.Program("openssl");
        await using var homes = await PeerHomes.MakeAsync();
        var folder = Directory.CreateDirectory(homes.PathOf("c"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        var made = await RealProcess.RunAsync("/bin/sh", ["-c", """
            openssl req -x509 -newkey ed25519 -keyout identity.tls.key -out identity.crt -days 3650 -nodes -subj "/CN=$(uname -n)"
            chmod 600 identity.tls.key
            """], folder: folder);
        var printed = await RealProcess.RunAsync("/bin/sh", ["-c", "openssl x509 -in identity.crt -fingerprint -sha256 -noout"], folder: folder);

        var init = await ParleyProgram.RunAsync(folder, "peer", "init", "--name", "c");
        await PeerHomes.IntroduceAsync(folder, await homes.ServeAsync(folder, "cat"), homes.A);
        await PeerHomes.IntroduceAsync(homes.A, "3100", folder);
        var asked = await ParleyProgram.RunAsync(homes.A, "peer", "ask", "c", "hello");

        Assert.Equal(0, made.ExitCode);
        Assert.Equal("SHA256:" + printed.Output.Split('=')[1], init.Output);
        Assert.Equal((0, "hello\n"), (asked.ExitCode, asked.Output));
    }

    [Fact]
    public async Task The_QR_code_is_read_as_the_export_that_the_other_side_adds()
    {
        var script = await NodeFolder.PathOfAsync("qr-read.mjs", CancellationToken.None);
        await using var homes = await PeerHomes.MakeAsync();
        var export = await ParleyProgram.RunAsync(homes.A, "peer", "export", "--host", "192.0.2.7");
        var drawn = await ParleyProgram.RunAsync(homes.A, "peer", "export", "--host", "192.0.2.7", "--qr");

        var read = await RealProcess.RunAsync("node", [script], input: drawn.Output);
        var added = await ParleyProgram.RunWithInputAsync(homes.B, read.Output, "peer", "add", "-");

        var expected = JsonNode.Parse(export.Output)!.AsObject();
        expected.Remove("certPem");
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(read.Output)), read.Output + read.Error);
        Assert.Equal((0, "a\n"), (added.ExitCode, added.Output));
    }

    private static string Script(string name) => Path.Combine(RepositoryFiles.Root, "tests", "Parley.EndToEndTests", "node", name);
}
