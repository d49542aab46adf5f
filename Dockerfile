# A static binary in an empty image: no shell, no libc, not root. Time zones and
# certificate roots are in the binary.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /nutgraf ./bot && mkdir /data

FROM scratch
COPY --from=build /nutgraf /nutgraf
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
WORKDIR /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=6s CMD ["/nutgraf", "healthcheck", "--address", ":8080"]
ENTRYPOINT ["/nutgraf"]
CMD ["serve"]
