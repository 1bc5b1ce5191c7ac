using Parley.Protocol.Errors;
using Parley.Protocol.Grpc;

namespace Parley.Tests.Grpc;

public sealed class GrpcErrorDetailsTests
{
    [Fact]
    public void A_refusal_survives_the_way_through_a_status()
    {
        var refusal = new ParleyException(ErrorCode.MailboxFull, "Full.") { RetryAfter = TimeSpan.FromSeconds(2.5) };

        var status = GrpcErrorDetails.ToStatus(refusal);
        var read = GrpcErrorDetails.ToRefusal(new GrpcException(status));

        Assert.Equal(GrpcStatusCode.ResourceExhausted, status.Code);
        Assert.Equal(ErrorCode.MailboxFull, read.Code);
        Assert.Equal("Full.", read.Message);
        Assert.Equal(TimeSpan.FromSeconds(2.5), read.RetryAfter);
    }

    [Fact]
    public void Another_programs_status_becomes_the_nearest_code()
    {
        var read = GrpcErrorDetails.ToRefusal(new GrpcException(GrpcStatusCode.NotFound, "no"));

        Assert.Equal(ErrorCode.NotFound, read.Code);
    }

    [Fact]
    public void Broken_details_never_hide_the_status()
    {
        const int Seed = 12;
        var random = new Random(Seed);
        var good = GrpcErrorDetails.ToStatus(new ParleyException(ErrorCode.MailboxFull, "Full.") { RetryAfter = TimeSpan.FromSeconds(1) }).Details.ToArray();
        for (var round = 0; round < 10_000; round++)
        {
            var details = good.ToArray();
            details[random.Next(details.Length)] = (byte)random.Next(256);

            var read = GrpcErrorDetails.ToRefusal(new GrpcException(new GrpcStatus(GrpcStatusCode.Unavailable, "no") { Details = details }));

            Assert.True(read.Message == "no", $"seed {Seed}, round {round}");
        }
    }
}
