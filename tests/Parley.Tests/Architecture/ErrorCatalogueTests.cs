using System.Text;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Architecture;

public sealed class ErrorCatalogueTests
{
    private const string Page = "docs/protocol/errors.md";

    [Fact]
    public void Each_code_has_its_row_at_its_own_index() =>
        Assert.Equal(Enum.GetValues<ErrorCode>(), ErrorMap.Rows.Select(row => row.Code));

    [Fact]
    public void Wire_names_are_unique_and_lead_back_to_their_code() =>
        Assert.All(ErrorMap.Rows, row => Assert.Equal(row.Code, ErrorMap.FromWireName(row.WireName)));

    [Fact]
    public void The_page_of_errors_is_the_table()
    {
        var text = new StringBuilder(
            """
            # Errors

            Every refusal that Parley gives, and how it looks on each door. Generated from `ErrorMap`; a test keeps this page equal to it.
            Exit codes: 1 failed, 2 usage, 3 refused, 4 target unknown, 5 offline or no answer in time, 6 conflict, 7 integrity, 70 a defect of Parley's.

            | name | gRPC | HTTP | JSON-RPC | OpenAI type | exit | who can fix it |
            |---|---|---|---|---|---|---|

            """);
        foreach (var row in ErrorMap.Rows)
        {
            text.Append($"| `{row.WireName}` | {row.Grpc} | {row.Http} | {row.JsonRpc} | {row.OpenAi} | {row.Exit} | {row.Fixer} |\n");
        }

        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.Combine(RepositoryFiles.Root, Path.GetDirectoryName(Page)!));
            File.WriteAllText(Path.Combine(RepositoryFiles.Root, Page), text.ToString());
        }

        Assert.Equal(text.ToString(), RepositoryFiles.Read(Page));
    }
}
