using System.Net;
using System.Text;
using Parley.Testing;

namespace Parley.HubTests.Faults;

/// <summary>Garbage on every route of <c>/api</c>, with the rights of an admin and with none.</summary>
public sealed class GarbageRequestsTests
{
    private const int Seed = 31337;
    private const int Count = 400;

    private static readonly string[] _paths =
        ["agents", "agents/acme.bob", "agents/%00", "agents/..%2f..%2fetc", "tokens", "tokens/jt_1", "keys", "keys/1", "contacts", "contacts/acme.bob/accept", "audit", "status", "enrol", "link", "nothing", "%ff%fe", "\u202e"];

    private static readonly string[] _methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW"];

    private static readonly string[] _bodies =
    [
        """{"owner":"acme","labels":{"a":"b"},"maxAgents":1,"maxUses":1,"expiresIn":"1h"}""",
        """{"limit":10,"selector":"a=b","cursor":"x"}""",
        """{"token":"jt_1","name":"bob","publicKey":"AAAA","nonce":"AAAA","signedAt":1,"signature":"AAAA"}""",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        """{"limit":99999999999999999999999}""",
        "null",
    ];

    [Fact]
    public async Task Garbage_is_refused_and_never_a_failure_of_the_hub()
    {
        await using var hub = await ApiHub.StartAsync();
        for (var number = 0; number < Count; number++)
        {
            var random = new Random(Seed + number);
            using var request = Request(random);
            var what = $"seed {Seed + number}: {request.Method} {request.RequestUri}";

            using var response = await (random.Next(4) == 0 ? hub.Guest : hub.Admin).SendAsync(request, TestContext.Current.CancellationToken);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

            Assert.True(response.StatusCode < HttpStatusCode.InternalServerError, $"{what}: {(int)response.StatusCode} {text}");
            Assert.False(text.Contains("   at ", StringComparison.Ordinal) || text.Contains("Exception", StringComparison.Ordinal), $"{what}: {text}");
        }
    }

    private static HttpRequestMessage Request(Random random)
    {
        var query = random.Next(3) == 0 ? "?" + Uri.EscapeDataString(Encoding.Latin1.GetString(Fuzz.Bytes(random, 20))) + "=" + random.Next() : string.Empty;
        var request = new HttpRequestMessage(new HttpMethod(_methods[random.Next(_methods.Length)]), "/api/" + _paths[random.Next(_paths.Length)] + query);
        var good = Encoding.UTF8.GetBytes(_bodies[random.Next(_bodies.Length)]);
        request.Content = new ByteArrayContent(random.Next(4) == 0 ? Fuzz.Bytes(random, 200) : Fuzz.Mutate(random, good));
        request.Content.Headers.TryAddWithoutValidation("Content-Type", random.Next(4) == 0 ? "text/plain" : "application/json");
        return request;
    }
}
